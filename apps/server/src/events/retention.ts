import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/schema.ts';
import { KEY_LIFETIME_MS } from '../messages/post-batch.ts';
import { nextTurn } from '../next-turn.ts';
import { organisationIds, pruneEvents, pruneIdempotencyKeys } from './retention-store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const EVERY_MS = 60 * 60 * 1000;
/** Rows deleted in one transaction. */
const ROWS_AT_ONCE = 500;

export interface RetentionOptions {
  readonly db: Kysely<Database>;
  readonly clock: Clock;
  /** Events older than this are pruned, once they have been sent. */
  readonly eventDays: number;
  /** The database failed; it is tried again in an hour. */
  readonly failed: (error: unknown) => void;
}

/** Deletes what has grown old: events (clients with an older cursor get a reset), used keys. */
export async function pruneOnce(
  options: Pick<RetentionOptions, 'db' | 'clock' | 'eventDays'>,
): Promise<{ readonly events: number; readonly keys: number }> {
  const { db, clock, eventDays } = options;
  const now = clock.now();
  let events = 0;
  for (const organisationId of await organisationIds(db)) {
    const before = now - eventDays * DAY_MS;
    events += await untilDone(() => pruneEvents(db, { organisationId, before }, ROWS_AT_ONCE));
  }
  const before = now - KEY_LIFETIME_MS;
  const keys = await untilDone(() => pruneIdempotencyKeys(db, before, ROWS_AT_ONCE));
  return { events, keys };
}

async function untilDone(some: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await some();
    total += count;
    await nextTurn();
    if (count < ROWS_AT_ONCE) return total;
  }
}

/** Prunes now and every hour. Whoever started it closes it. */
export function startRetention(options: RetentionOptions): { close(): Promise<void> } {
  let isClosed = false;
  let cancel = () => {};
  let working = Promise.resolve();
  const work = async () => {
    try {
      await pruneOnce(options);
    } catch (error) {
      options.failed(error);
    }
    if (!isClosed) cancel = options.clock.after(EVERY_MS, start);
  };
  const start = () => {
    working = work();
  };
  cancel = options.clock.after(0, start);
  return {
    async close() {
      isClosed = true;
      cancel();
      await working;
    },
  };
}
