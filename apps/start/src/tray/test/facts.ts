import type { Status } from '../../session/status.ts';
import type { TrayFacts } from '../tray-facts.ts';
import type { TrayTimes } from '../tray-words.ts';

/** Times that say their own number. */
export const plainTimes: TrayTimes = {
  minute: (unixMs) => `<${unixMs}>`,
  second: (unixMs) => `<${unixMs}s>`,
};

export const signedOut: Status = {
  ...{ state: 'signed-out', sentence: 'Nobody is signed in.', reason: 'never' },
  ...{ organisations: [], unread: 0, quiet: [], muted: [] },
};

export const live: Status = {
  state: 'live',
  sentence: 'Live: notifications from Acme arrive.',
  user: { id: 'u1', email: 'ana_b@example.com' },
  organisations: [{ id: 'o1', name: 'Acme', state: 'live' }],
  ...{ unread: 0, quiet: [], muted: [] },
};

export const offline: Status = {
  ...live,
  state: 'offline',
  sentence: 'Offline: the server cannot be reached.',
  retry_at_unix_ms: 1_000,
};

export function factsOf(status: Partial<Status>, others: Partial<TrayFacts> = {}): TrayFacts {
  const base = status.state === 'signed-out' ? signedOut : live;
  return {
    status: { ...base, ...status },
    recent: [],
    mainApp: { isOpen: false, canOpen: true },
    ...others,
  };
}
