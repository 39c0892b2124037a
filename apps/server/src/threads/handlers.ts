import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Context, Handlers } from '../http/handler.ts';
import { listChannelThreads, listOrganisationThreads, showThread } from './list-threads.ts';

/** Listing threads and showing one. */
export function threadHandlers({ db }: { readonly db: Kysely<Database> }): Handlers {
  const ofChannel = ({
    params,
    user,
    query,
  }: Context<'channelThreads'> | Context<'channelThreadsTwin'>) =>
    listChannelThreads(db, { channelId: params.channel_id, userId: user.id }, query);
  return {
    channelThreads: ofChannel,
    channelThreadsTwin: ofChannel,
    organisationThreads: ({ params, user, query }) =>
      listOrganisationThreads(db, { organisationId: params.org_id, userId: user.id }, query),
    thread: ({ params, user, query }) =>
      showThread(
        db,
        { threadId: params.thread_id, channelId: params.channel_id, userId: user.id },
        query,
      ),
  };
}
