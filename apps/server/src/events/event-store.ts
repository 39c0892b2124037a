import type { Kysely } from 'kysely';
import { insertRows } from '../db/insert-rows.ts';
import type { Queries } from '../db/query-cache.ts';
import type { Database, NewRow, Row } from '../db/schema.ts';

export type EventRow = Row<'events'>;

/**
 * Takes the next `count` places in an organisation's event log and gives the first. Inside the
 * transaction that writes the events: the row stays locked until the commit, so the order taken is
 * the order committed.
 */
export async function takeSeqs(
  queries: Queries,
  organisationId: string,
  count: number,
): Promise<number> {
  const [row] = await queries.run('take seqs', [count, organisationId], () =>
    queries.db
      .updateTable('organisations')
      .set((eb) => ({ last_seq: eb('last_seq', '+', count) }))
      .where('id', '=', organisationId)
      .returning('last_seq'),
  );
  if (row === undefined) throw new Error('an event of an organisation that is not there');
  return row.last_seq - count + 1;
}

export async function insertEvents(
  queries: Queries,
  events: readonly NewRow<'events'>[],
): Promise<void> {
  await insertRows(queries, 'events', events);
}

/** Events after `seq`, oldest first. */
export function eventsAfter(
  db: Kysely<Database>,
  place: { readonly organisationId: string; readonly seq: number },
  limit: number,
): Promise<EventRow[]> {
  return db
    .selectFrom('events')
    .selectAll()
    .where('organisation_id', '=', place.organisationId)
    .where('seq', '>', place.seq)
    .orderBy('seq')
    .limit(limit)
    .execute();
}

export interface SentMark {
  readonly organisationId: string;
  readonly sentSeq: number;
}

/** Organisations with events that have not been recorded as sent. */
export async function unsentOrganisations(db: Kysely<Database>): Promise<SentMark[]> {
  const rows = await db
    .selectFrom('organisations')
    .select(['id', 'sent_seq'])
    .whereRef('sent_seq', '<', 'last_seq')
    .execute();
  return rows.map(({ id, sent_seq }) => ({ organisationId: id, sentSeq: sent_seq }));
}

export async function sentSeqOf(
  db: Kysely<Database>,
  organisationId: string,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('organisations')
    .select('sent_seq')
    .where('id', '=', organisationId)
    .executeTakeFirst();
  return row?.sent_seq;
}

/** Records what the push server has accepted, in the caller's transaction; a mark only rises. */
export async function recordSent(db: Kysely<Database>, marks: readonly SentMark[]): Promise<void> {
  for (const mark of marks) await raiseSent(db, mark);
}

/** Puts an event that can never be sent aside and goes on after it, in the caller's transaction. */
export async function recordDeadLetter(
  db: Kysely<Database>,
  event: EventRow,
  failure: { readonly reason: string; readonly at: number },
): Promise<void> {
  await db
    .insertInto('dead_letters')
    .values({
      event_id: event.id,
      organisation_id: event.organisation_id,
      seq: event.seq,
      type: event.type,
      payload: event.payload,
      reason: failure.reason,
      failed_at: failure.at,
    })
    .onConflict((conflict) => conflict.column('event_id').doNothing())
    .execute();
  await raiseSent(db, {
    organisationId: event.organisation_id,
    sentSeq: event.seq,
  });
}

async function raiseSent(db: Kysely<Database>, mark: SentMark): Promise<void> {
  await db
    .updateTable('organisations')
    .set({ sent_seq: mark.sentSeq })
    .where('id', '=', mark.organisationId)
    .where('sent_seq', '<', mark.sentSeq)
    .execute();
}
