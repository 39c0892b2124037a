import type { Kysely } from 'kysely';
import type { Commits } from './commits.ts';
import type { Database } from './schema.ts';

export interface WalOptions {
  readonly db: Kysely<Database>;
  /** Runs a pragma on the one connection. */
  readonly pragma: (source: string) => void;
  /** Flushes the write-ahead log to the disk. */
  readonly flush: () => Promise<void>;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** Told of each commit. */
  readonly committed: () => void;
}

/** A disk that flushes within this may do it inside a commit: two changes of thread cost as much. */
const QUICK_FLUSH_MS = 2;

/**
 * Commits on SQLite in WAL mode. With `synchronous=NORMAL` a commit only appends to the log, and what
 * `FULL` adds is one flush of that file (sqlite.org/pragma.html#pragma_synchronous). Flushing it from
 * the thread pool gives the same guarantee while the event loop goes on; all else on the connection
 * stays at `FULL`.
 */
export function walCommits({ db, pragma, flush, nowMs, committed }: WalOptions): Commits {
  let isDirty = false;
  let lastFlushMs = 0;
  let flushing: Promise<void> | undefined;
  let queued: Promise<void> | undefined;

  async function flushNow(): Promise<void> {
    isDirty = false;
    const startMs = nowMs();
    try {
      await flush();
      lastFlushMs = nowMs() - startMs;
    } catch (error) {
      isDirty = true;
      throw error;
    } finally {
      flushing = undefined;
    }
  }

  /** A flush that begins after this call; who comes while one is running shares the next. */
  function onDisk(): Promise<void> {
    if (flushing === undefined) {
      if (!isDirty) return Promise.resolve();
      flushing = flushNow();
      return flushing;
    }
    queued ??= flushing
      .catch(() => {})
      .then(() => {
        queued = undefined;
        return onDisk();
      });
    return isDirty ? queued : flushing;
  }

  async function relaxed<Result>(
    work: (transaction: Kysely<Database>) => Promise<Result>,
  ): Promise<Result> {
    return db.connection().execute(async (connection) => {
      pragma('synchronous = NORMAL');
      try {
        const result = await connection.transaction().execute(work);
        isDirty = true;
        committed();
        return result;
      } finally {
        pragma('synchronous = FULL');
      }
    });
  }

  async function flushedByCommit<Result>(
    work: (transaction: Kysely<Database>) => Promise<Result>,
  ): Promise<Result> {
    let workedMs = 0;
    const result = await db.transaction().execute(async (transaction) => {
      const value = await work(transaction);
      workedMs = nowMs();
      return value;
    });
    lastFlushMs = nowMs() - workedMs;
    committed();
    return result;
  }

  return {
    relaxed,
    async durable(work, isAlone = false) {
      if (isAlone && lastFlushMs <= QUICK_FLUSH_MS) return flushedByCommit(work);
      const result = await relaxed(work);
      await onDisk();
      return result;
    },
    onDisk,
  };
}
