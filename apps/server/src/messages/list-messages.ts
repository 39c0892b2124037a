import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type PageQuery, paged, readPage } from '../paging.ts';
import { readableChannel } from '../threads/channel-access.ts';
import { newestMessages } from './message-store.ts';
import { messageView } from './message-view.ts';

/** Messages of a channel, newest first. @throws TelexError `not_found`, `validation_failed` */
export async function listMessages(
  db: Kysely<Database>,
  of: { readonly channelId: string; readonly userId: string },
  query: PageQuery,
) {
  const { channel } = await readableChannel(db, of.channelId, of.userId);
  const page = readPage(query);
  const read = await newestMessages(db, { channelId: channel.id }, page);
  const { items, pagination } = paged(page, read, {
    total: channel.message_count,
    keyOf: ({ seq }) => seq,
  });
  return { data: { messages: items.map(messageView) }, pagination };
}
