import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Context, Handlers } from '../http/handler.ts';
import { listMessages } from './list-messages.ts';
import { messageView } from './message-view.ts';
import type { PostMessages } from './post-messages.ts';

/** Posting and listing messages. */
export function messageHandlers(ports: {
  readonly db: Kysely<Database>;
  readonly messages: PostMessages;
}): Handlers {
  const post = async (context: Context<'postMessage'> | Context<'postThread'>) => {
    const { message } = await ports.messages.post({
      channelId: context.params.channel_id,
      threadId: context.body.thread_id ?? undefined,
      content: context.body.content,
      author: { kind: 'user', userId: context.user.id },
      idempotencyKey: context.idempotencyKey,
    });
    return { data: messageView(message) };
  };
  return {
    postMessage: post,
    postThread: post,
    messages: ({ params, user, query }) =>
      listMessages(ports.db, { channelId: params.channel_id, userId: user.id }, query),
  };
}
