import type { Kysely } from 'kysely';
import type { Database, Row } from '../db/schema.ts';
import type { Page } from '../paging.ts';

/** Messages of a channel or of one thread: one more than the page holds, newest first. */
export function newestMessages(
  db: Kysely<Database>,
  of: { readonly channelId: string } | { readonly threadId: string },
  page: Page,
): Promise<Row<'messages'>[]> {
  const query = db.selectFrom('messages').selectAll();
  return (
    'channelId' in of
      ? query.where('channel_id', '=', of.channelId)
      : query.where('thread_id', '=', of.threadId)
  )
    .where('seq', '<', page.before)
    .orderBy('seq', 'desc')
    .limit(page.limit + 1)
    .offset(page.offset)
    .execute();
}
