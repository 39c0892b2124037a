import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type ActiveOrganisation, activeOrganisations, unreadOf } from './read-state-store.ts';

/** The user's unread threads in an organisation, true at the organisation's seq of this moment. */
export async function unreadSet(
  db: Kysely<Database>,
  organisation: ActiveOrganisation,
  userId: string,
) {
  const { total, threads } = await unreadOf(db, organisation.id, userId);
  return { organisation_id: organisation.id, seq: organisation.last_seq, total, threads };
}

/** The unread threads of all the user's organisations. */
export async function allUnread(db: Kysely<Database>, userId: string) {
  return db.transaction().execute(async (transaction) => {
    const organisations = await activeOrganisations(transaction, userId);
    const sets: Awaited<ReturnType<typeof unreadSet>>[] = [];
    for (const organisation of organisations) {
      sets.push(await unreadSet(transaction, organisation, userId));
    }
    return { total: sets.reduce((sum, { total }) => sum + total, 0), organisations: sets };
  });
}
