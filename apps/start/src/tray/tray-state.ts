import type { Status } from '../session/status.ts';

/** What the icon says, the worst truth first. */
export const trayStates = [
  'signed-out',
  'offline',
  'connecting',
  'paused',
  'unread',
  'ok',
] as const;
export type TrayState = (typeof trayStates)[number];

export function trayStateOf(status: Status): TrayState {
  switch (status.state) {
    case 'signed-out':
      return 'signed-out';
    case 'offline':
      return 'offline';
    case 'signing-in':
    case 'connecting':
      return 'connecting';
    case 'live':
      // The connection alone is no good: nothing arrives while every organisation is refused.
      if (status.organisations.some(({ state }) => state === 'failed') && isNoneLive(status)) {
        return 'offline';
      }
      if (status.quiet.includes('paused')) return 'paused';
      return status.unread > 0 ? 'unread' : 'ok';
  }
}

function isNoneLive({ organisations }: Status): boolean {
  return organisations.every(({ state }) => state === 'failed');
}
