import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';

export async function organisationIds(db: Kysely<Database>): Promise<string[]> {
  const rows = await db.selectFrom('organisations').select('id').execute();
  return rows.map(({ id }) => id);
}

/**
 * Deletes up to `limit` of the organisation's oldest events from before a moment (milliseconds
 * since 1970). Never one that has not been sent.
 */
export function pruneEvents(
  db: Kysely<Database>,
  what: { readonly organisationId: string; readonly before: number },
  limit: number,
): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    const oldest = transaction
      .selectFrom('events as e')
      .innerJoin('organisations as o', 'o.id', 'e.organisation_id')
      .where('e.organisation_id', '=', what.organisationId)
      .whereRef('e.seq', '<=', 'o.sent_seq')
      .orderBy('e.seq')
      .limit(limit)
      .select(['e.seq', 'e.created_at']);
    const { upto } = await transaction
      .selectFrom(oldest.as('oldest'))
      .where('created_at', '<', what.before)
      .select((eb) => eb.fn.max('seq').as('upto'))
      .executeTakeFirstOrThrow();
    if (upto === null) return 0;
    const { numDeletedRows } = await transaction
      .deleteFrom('events')
      .where('organisation_id', '=', what.organisationId)
      .where('seq', '<=', upto)
      .executeTakeFirstOrThrow();
    await transaction
      .updateTable('organisations')
      .set({ pruned_seq: upto })
      .where('id', '=', what.organisationId)
      .execute();
    return Number(numDeletedRows);
  });
}

export async function pruneIdempotencyKeys(
  db: Kysely<Database>,
  before: number,
  limit: number,
): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('idempotency_keys')
    .where((eb) =>
      eb(
        eb.refTuple('author_id', 'key'),
        'in',
        eb
          .selectFrom('idempotency_keys')
          .select(['author_id', 'key'])
          .where('created_at', '<=', before)
          .limit(limit)
          .$asTuple('author_id', 'key'),
      ),
    )
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
