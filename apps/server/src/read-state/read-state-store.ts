import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';

/** A thread with something unread for the user. */
export type UnreadThread = {
  readonly thread_id: string;
  readonly channel_id: string;
  readonly last_seq: number;
};

/** Most unread threads listed; `total` counts on. */
export const MAX_UNREAD_LISTED = 1000;
/** Threads of one organisation looked at to count what is unread. */
const MAX_UNREAD_COUNTED = 10_000;

/** Threads changed since the user joined their channel and read less far, or put back to unread. */
function unreadThreads(db: Kysely<Database>, organisationId: string, userId: string) {
  const mine = db
    .selectFrom('channel_memberships as cm')
    .innerJoin('channels as c', 'c.id', 'cm.channel_id')
    .innerJoin('threads as t', 't.channel_id', 'cm.channel_id')
    .leftJoin('read_marks as r', (join) =>
      join.onRef('r.thread_id', '=', 't.id').onRef('r.user_id', '=', 'cm.user_id'),
    )
    .where('cm.user_id', '=', userId)
    .where('cm.ended_seq', 'is', null)
    .where('c.organisation_id', '=', organisationId)
    .where('c.deleted_at', 'is', null)
    .select(['t.id as thread_id', 't.channel_id', 't.last_seq']);
  const changed = mine
    .whereRef('t.last_seq', '>', 'cm.began_seq')
    .where((eb) => eb('t.last_seq', '>', eb.fn.coalesce('r.read_seq', eb.lit(0))));
  const putBack = mine.where('r.marked_unread', '=', 1);
  return changed.union(putBack);
}

/** The newest unread threads, and how many there are (at most 10,000). */
export async function unreadOf(
  db: Kysely<Database>,
  organisationId: string,
  userId: string,
): Promise<{ readonly total: number; readonly threads: UnreadThread[] }> {
  const threads = await unreadThreads(db, organisationId, userId)
    .orderBy('last_seq', 'desc')
    .limit(MAX_UNREAD_LISTED)
    .execute();
  if (threads.length < MAX_UNREAD_LISTED) return { total: threads.length, threads };
  const { total } = await db
    .selectFrom(unreadThreads(db, organisationId, userId).limit(MAX_UNREAD_COUNTED).as('unread'))
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return { total, threads };
}

export interface ActiveOrganisation {
  readonly id: string;
  readonly name: string;
  readonly last_seq: number;
  readonly pruned_seq: number;
  /** The seq at which the user became a member. */
  readonly began_seq: number;
}

/** The organisations that the user is an active member of. */
export function activeOrganisations(
  db: Kysely<Database>,
  userId: string,
): Promise<ActiveOrganisation[]> {
  return organisationsOf(db, userId).orderBy('o.id').execute();
}

/** One of them; undefined: the user is no active member of it. */
export function activeOrganisation(
  db: Kysely<Database>,
  organisationId: string,
  userId: string,
): Promise<ActiveOrganisation | undefined> {
  return organisationsOf(db, userId).where('o.id', '=', organisationId).executeTakeFirst();
}

function organisationsOf(db: Kysely<Database>, userId: string) {
  return db
    .selectFrom('memberships as m')
    .innerJoin('organisations as o', 'o.id', 'm.organisation_id')
    .where('m.user_id', '=', userId)
    .where('m.ended_seq', 'is', null)
    .where('m.status', '=', 'active')
    .select(['o.id', 'o.name', 'o.last_seq', 'o.pruned_seq', 'm.began_seq']);
}

/** Puts a thread back to unread for the user; the mark itself stays. */
export async function putBackToUnread(
  db: Kysely<Database>,
  mark: { readonly userId: string; readonly threadId: string },
): Promise<void> {
  await db
    .insertInto('read_marks')
    .values({ user_id: mark.userId, thread_id: mark.threadId, read_seq: 0, marked_unread: 1 })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'thread_id']).doUpdateSet({ marked_unread: 1 }),
    )
    .execute();
}

export async function setUserStatus(
  db: Kysely<Database>,
  of: { readonly userId: string; readonly threadId: string; readonly status: string },
): Promise<void> {
  await db
    .insertInto('read_marks')
    .values({ user_id: of.userId, thread_id: of.threadId, read_seq: 0, status: of.status })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'thread_id']).doUpdateSet({ status: of.status }),
    )
    .execute();
}
