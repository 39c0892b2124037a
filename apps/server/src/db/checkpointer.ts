import { Worker } from 'node:worker_threads';

const COMMITS = 256;
/** A server that has become quiet gives the thread's memory back. */
const IDLE_MS = 10_000;

/** Keeps SQLite's write-ahead log short. Whoever made it closes it before the database. */
export interface Checkpointer {
  /** Something was committed. */
  committed(): void;
  close(): Promise<void>;
}

/**
 * Copies the write-ahead log into the database in another thread, which lives only while much is
 * written: what SQLite does by itself happens inside a commit, and flushing the database twice there
 * would hold up the event loop. Should the thread fail, SQLite's own way remains.
 *
 * @param everyCommits after how many commits the log is copied
 */
export function checkpointer(
  file: string,
  failed: (error: unknown) => void,
  everyCommits = COMMITS,
): Checkpointer {
  let commits = 0;
  let isBusy = false;
  let isClosed = false;
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;

  function start(): Worker {
    const started = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), {
      workerData: file,
    });
    started.unref();
    started.on('message', () => {
      isBusy = false;
      idle = setTimeout(() => void end(), IDLE_MS).unref();
    });
    started.on('error', (error) => {
      worker = undefined;
      isBusy = false;
      failed(error);
    });
    return started;
  }

  async function end(): Promise<void> {
    clearTimeout(idle);
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  }

  return {
    committed() {
      commits += 1;
      if (commits < everyCommits || isBusy || isClosed) return;
      commits = 0;
      isBusy = true;
      clearTimeout(idle);
      worker ??= start();
      worker.postMessage('checkpoint');
    },
    close() {
      isClosed = true;
      return end();
    },
  };
}
