import { TelexError } from '@telex/contract';

export type Outcome<Result> =
  | { readonly ok: true; readonly value: Result }
  | { readonly ok: false; readonly error: unknown };

/**
 * How long a commit waits for as many jobs as the last one had. Clients that wait for their reply come
 * back together, but not in one turn: without it a few would start a commit of their own each time.
 */
const GATHER_MS = 1;

export interface GroupCommitOptions<Job, Result> {
  /** Jobs in one transaction: bounds how long a commit can hold up the event loop. */
  readonly maxBatch: number;
  /** Jobs waiting; one more is refused as `busy`. */
  readonly maxWaiting: number;
  /** Runs the jobs in one transaction and gives an outcome for each, in order. */
  readonly commit: (jobs: readonly Job[]) => Promise<readonly Outcome<Result>[]>;
  /** Runs the task once what has arrived in this turn has been read. */
  readonly afterThisTurn?: (task: () => void) => void;
  /** Monotonic milliseconds. */
  readonly nowMs?: () => number;
}

/** Waiting work that shares commits. Whoever made it closes it. */
export interface GroupCommit<Job, Result> {
  /** Settles when the job's transaction is on disk. */
  run(job: Job): Promise<Result>;
  /** Takes no more work; settles when all that was taken is done. */
  close(): Promise<void>;
}

interface Waiting<Job, Result> {
  readonly job: Job;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects the jobs that wait in this turn of the event loop and commits them together: what one
 * flush to disk costs is shared by all who wait. Between two commits the sockets get a turn. When a
 * commit fails as a whole, each of its jobs is tried alone, so that one cannot fail the others.
 */
export function createGroupCommit<Job, Result>(
  options: GroupCommitOptions<Job, Result>,
): GroupCommit<Job, Result> {
  const afterThisTurn = options.afterThisTurn ?? ((task: () => void) => void setImmediate(task));
  const waiting: Waiting<Job, Result>[] = [];
  const nowMs = options.nowMs ?? (() => performance.now());
  let lastBatch = 0;
  let pumping = false;
  let closed = false;
  let drained: (() => void)[] = [];

  function pumpSoon(): void {
    const untilMs = nowMs() + GATHER_MS;
    const look = () => {
      if (waiting.length >= lastBatch || nowMs() >= untilMs) void pump();
      else afterThisTurn(look);
    };
    afterThisTurn(look);
  }

  async function pump(): Promise<void> {
    const batch = waiting.splice(0, options.maxBatch);
    lastBatch = batch.length;
    await commitAll(batch, options.commit);
    if (waiting.length > 0) {
      pumpSoon();
      return;
    }
    pumping = false;
    for (const tell of drained) tell();
    drained = [];
  }

  return {
    run(job) {
      if (closed) return Promise.reject(new TelexError('unavailable'));
      if (waiting.length >= options.maxWaiting) {
        return Promise.reject(new TelexError('busy', undefined, { retryAfterS: 1 }));
      }
      return new Promise((resolve, reject) => {
        waiting.push({ job, resolve, reject });
        if (pumping) return;
        pumping = true;
        pumpSoon();
      });
    },
    close() {
      closed = true;
      if (!pumping) return Promise.resolve();
      return new Promise((resolve) => drained.push(resolve));
    },
  };
}

async function commitAll<Job, Result>(
  batch: readonly Waiting<Job, Result>[],
  commit: GroupCommitOptions<Job, Result>['commit'],
): Promise<void> {
  let outcomes: readonly Outcome<Result>[];
  try {
    outcomes = await commit(batch.map(({ job }) => job));
  } catch (error) {
    const [only] = batch;
    if (batch.length === 1) only?.reject(error);
    else for (const one of batch) await commitAll([one], commit);
    return;
  }
  batch.forEach(({ resolve, reject }, index) => {
    const outcome = outcomes[index];
    if (outcome?.ok) resolve(outcome.value);
    else reject(outcome?.error ?? new Error('a job got no outcome'));
  });
}
