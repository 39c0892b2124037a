import type { State } from '@telex/client';

/** So short an outage is nobody's concern: it is seen in the tray, and what came meanwhile is fetched. */
export const OFFLINE_NOTICE_MS = 120_000;

/** Says once, when an outage lasts, that no notifications arrive. */
export interface OfflineNotice {
  state(kind: State['kind']): void;
  close(): void;
}

export function createOfflineNotice(
  after: (delayMs: number, run: () => void) => () => void,
  tell: () => void,
): OfflineNotice {
  let cancel: (() => void) | undefined;
  const stop = () => {
    cancel?.();
    cancel = undefined;
  };
  return {
    state(kind) {
      // `connecting` is a try among others: the outage goes on.
      if (kind === 'offline') cancel ??= after(OFFLINE_NOTICE_MS, tell);
      else if (kind !== 'connecting') stop();
    },
    close: stop,
  };
}
