import type { Clock } from '../clock.ts';

export interface ForeignCommitsOptions {
  /** A number that changes with each commit of another connection. */
  readonly version: () => number;
  /** What others commit waits this long to be seen, at most. */
  readonly everyMs: number;
  readonly clock: Clock;
  /** Others have committed. Not called again before it has settled. */
  readonly seen: () => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** Watches a database that other servers write to. */
export function watchForeignCommits(options: ForeignCommitsOptions): { close(): void } {
  const { version, everyMs, clock, seen, failed } = options;
  let isClosed = false;
  let last = Number.NaN;
  let cancel = clock.after(everyMs, () => void look());
  async function look(): Promise<void> {
    try {
      const now = version();
      if (now !== last) await seen();
      last = now;
    } catch (error) {
      // Looked at once more, since `last` has stayed.
      failed(error);
    }
    if (!isClosed) cancel = clock.after(everyMs, () => void look());
  }
  return {
    close: () => {
      isClosed = true;
      cancel();
    },
  };
}
