import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';

export interface OutboxLag {
  /** Events stored and not recorded as sent. */
  readonly waiting: number;
  /** Age of the oldest of them, in milliseconds. */
  readonly oldestMs: number;
}

/** How far sending is behind storing. */
export async function outboxLag(db: Kysely<Database>, nowMs: number): Promise<OutboxLag> {
  const row = await db
    .selectFrom('organisations as o')
    .innerJoin('events as e', (join) =>
      join.onRef('e.organisation_id', '=', 'o.id').onRef('e.seq', '>', 'o.sent_seq'),
    )
    .whereRef('o.sent_seq', '<', 'o.last_seq')
    .select((eb) => [eb.fn.countAll<number>().as('waiting'), eb.fn.min('e.created_at').as('since')])
    .executeTakeFirst();
  if (row === undefined || row.waiting === 0) return { waiting: 0, oldestMs: 0 };
  return { waiting: row.waiting, oldestMs: Math.max(0, nowMs - Number(row.since)) };
}
