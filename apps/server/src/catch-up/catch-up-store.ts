import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Addressed } from '../events/audience.ts';

/** The addresses of the events after `seq`, oldest first, without what they say. */
export function addressesAfter(
  db: Kysely<Database>,
  place: { readonly organisationId: string; readonly seq: number },
  limit: number,
): Promise<Addressed[]> {
  return db
    .selectFrom('events')
    .select(['seq', 'channel_id', 'audience_user_id', 'actor_id'])
    .where('organisation_id', '=', place.organisationId)
    .where('seq', '>', place.seq)
    .orderBy('seq')
    .limit(limit)
    .execute();
}

/** What the events say, in the order of their seq. */
export async function payloadsOf(
  db: Kysely<Database>,
  organisationId: string,
  seqs: readonly number[],
): Promise<string[]> {
  if (seqs.length === 0) return [];
  const rows = await db
    .selectFrom('events')
    .select('payload')
    .where('organisation_id', '=', organisationId)
    .where('seq', 'in', seqs)
    .orderBy('seq')
    .execute();
  return rows.map(({ payload }) => payload);
}
