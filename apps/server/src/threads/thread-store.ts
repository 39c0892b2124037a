import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { MAX_COUNTED, type Page } from '../paging.ts';

/** A thread with the read state of one user. */
export interface ThreadRow {
  readonly id: string;
  readonly channel_id: string;
  readonly organisation_id: string;
  readonly channel_name: string;
  readonly author_id: string | null;
  readonly author_name: string;
  readonly content: string;
  readonly event_name: string;
  readonly status: string;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly message_count: number;
  readonly created_at: number;
  readonly last_reply_at: number | null;
  readonly read_seq: number | null;
  readonly marked_unread: number | null;
  readonly user_status: string | null;
  /** Null: the user is not in the channel, so nothing in it is unread. */
  readonly joined_seq: number | null;
}

/** The seq up to which a newcomer or reader has read. */
export function readSeqOf(thread: Pick<ThreadRow, 'read_seq' | 'joined_seq'>): number {
  return Math.max(thread.read_seq ?? 0, thread.joined_seq ?? 0);
}

export function isUnread(
  thread: Pick<ThreadRow, 'read_seq' | 'joined_seq' | 'last_seq' | 'marked_unread'>,
): boolean {
  if (thread.joined_seq === null) return false;
  return thread.marked_unread === 1 || thread.last_seq > readSeqOf(thread);
}

function threadsOf(db: Kysely<Database>, userId: string) {
  return db
    .selectFrom('threads as t')
    .innerJoin('channels as c', 'c.id', 't.channel_id')
    .leftJoin('read_marks as r', (join) =>
      join.onRef('r.thread_id', '=', 't.id').on('r.user_id', '=', userId),
    )
    .leftJoin('channel_memberships as cm', (join) =>
      join
        .onRef('cm.channel_id', '=', 't.channel_id')
        .on('cm.user_id', '=', userId)
        .on('cm.ended_seq', 'is', null),
    )
    .select([
      't.id',
      't.channel_id',
      't.organisation_id',
      'c.name as channel_name',
      't.author_id',
      't.author_name',
      't.content',
      't.event_name',
      't.status',
      't.first_seq',
      't.last_seq',
      't.message_count',
      't.created_at',
      't.last_reply_at',
      'r.read_seq',
      'r.marked_unread',
      'r.status as user_status',
      'cm.began_seq as joined_seq',
    ]);
}

export function threadById(
  db: Kysely<Database>,
  threadId: string,
  userId: string,
): Promise<ThreadRow | undefined> {
  return threadsOf(db, userId).where('t.id', '=', threadId).executeTakeFirst();
}

/** One more than the page holds, newest thread first. */
export function threadsOfChannel(
  db: Kysely<Database>,
  of: { readonly channelId: string; readonly userId: string },
  page: Page,
): Promise<ThreadRow[]> {
  return threadsOf(db, of.userId)
    .where('t.channel_id', '=', of.channelId)
    .where('t.first_seq', '<', page.before)
    .orderBy('t.first_seq', 'desc')
    .limit(page.limit + 1)
    .offset(page.offset)
    .execute();
}

/** Threads of the channels that the user is in: one more than the page holds, newest first. */
export function threadsOfOrganisation(
  db: Kysely<Database>,
  of: { readonly organisationId: string; readonly userId: string },
  page: Page,
): Promise<ThreadRow[]> {
  return threadsOf(db, of.userId)
    .where('t.organisation_id', '=', of.organisationId)
    .where('c.deleted_at', 'is', null)
    .where('cm.id', 'is not', null)
    .where('t.first_seq', '<', page.before)
    .orderBy('t.first_seq', 'desc')
    .limit(page.limit + 1)
    .offset(page.offset)
    .execute();
}

/** At most `MAX_COUNTED`. */
export async function countThreads(
  db: Kysely<Database>,
  of: { readonly channelId: string } | { readonly organisationId: string; readonly userId: string },
): Promise<number> {
  const some =
    'channelId' in of
      ? db.selectFrom('threads as t').where('t.channel_id', '=', of.channelId)
      : db
          .selectFrom('threads as t')
          .innerJoin('channel_memberships as cm', 'cm.channel_id', 't.channel_id')
          .where('cm.user_id', '=', of.userId)
          .where('cm.ended_seq', 'is', null)
          .where('t.organisation_id', '=', of.organisationId);
  const row = await db
    .selectFrom(some.select('t.id').limit(MAX_COUNTED).as('some'))
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return row.total;
}
