import { TelexError } from '@telex/contract';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { newestMessages } from '../messages/message-store.ts';
import { requireMembership } from '../organisations/membership-store.ts';
import { type PageQuery, paged, readPage } from '../paging.ts';
import { readableChannel } from './channel-access.ts';
import {
  countThreads,
  type ThreadRow,
  threadById,
  threadsOfChannel,
  threadsOfOrganisation,
} from './thread-store.ts';
import { threadView } from './thread-view.ts';

const ageOf = (thread: ThreadRow) => thread.first_seq;

/** Threads of a channel, newest first. @throws TelexError `not_found`, `validation_failed` */
export async function listChannelThreads(
  db: Kysely<Database>,
  of: { readonly channelId: string; readonly userId: string },
  query: PageQuery,
) {
  await readableChannel(db, of.channelId, of.userId);
  const page = readPage(query);
  const total = await countThreads(db, { channelId: of.channelId });
  const read = await threadsOfChannel(db, of, page);
  const { items, pagination } = paged(page, read, { total, keyOf: ageOf });
  return { data: items.map((thread) => threadView(thread)), pagination };
}

/** Threads of the caller's channels. @throws TelexError `not_found`, `validation_failed` */
export async function listOrganisationThreads(
  db: Kysely<Database>,
  of: { readonly organisationId: string; readonly userId: string },
  query: PageQuery,
) {
  await requireMembership(db, of.organisationId, of.userId);
  const page = readPage(query);
  const total = await countThreads(db, of);
  const read = await threadsOfOrganisation(db, of, page);
  const { items, pagination } = paged(page, read, { total, keyOf: ageOf });
  return { data: items.map((thread) => threadView(thread)), pagination };
}

/** A thread with a page of its messages. @throws TelexError `not_found`, `validation_failed` */
export async function showThread(
  db: Kysely<Database>,
  of: { readonly threadId: string; readonly channelId: string; readonly userId: string },
  query: PageQuery,
) {
  await readableChannel(db, of.channelId, of.userId);
  const thread = await threadById(db, of.threadId, of.userId);
  if (thread?.channel_id !== of.channelId) {
    throw new TelexError('not_found', 'There is no such thread in this channel.');
  }
  const page = readPage(query);
  const read = await newestMessages(db, { threadId: thread.id }, page);
  const { items, pagination } = paged(page, read, {
    total: thread.message_count,
    keyOf: ({ seq }) => seq,
  });
  return { data: threadView(thread, items), pagination };
}
