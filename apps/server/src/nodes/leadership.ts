import type { Clock } from '../clock.ts';
import { takeLock } from './lock-file.ts';

/** How long nobody sends after the sending server has died, at most. */
const TRY_EVERY_MS = 250;

export interface LeadershipOptions {
  /** The lock that the sending server holds. */
  readonly file: string;
  readonly clock: Clock;
  /** Called once, when this server is the one that sends; it stays so until it ends. */
  readonly lead: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Of several servers on one database only one sends, so that events leave in order. Each tries for
 * the lock until it has it: the next one goes on where a dead one stopped.
 */
export function seekLeadership(options: LeadershipOptions): { close(): void } {
  const { file, clock, lead, failed } = options;
  let release = () => {};
  let cancel = () => {};
  const attempt = () => {
    try {
      const lock = takeLock(file, 'exclusive', 0);
      if (lock !== undefined) {
        release = () => lock.release();
        lead();
        return;
      }
    } catch (error) {
      failed(error);
    }
    cancel = clock.after(TRY_EVERY_MS, attempt);
  };
  attempt();
  return {
    close: () => {
      cancel();
      release();
    },
  };
}
