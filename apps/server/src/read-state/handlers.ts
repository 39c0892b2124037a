import { type Body, TelexError } from '@telex/contract';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Handlers } from '../http/handler.ts';
import { threadById } from '../threads/thread-store.ts';
import { threadView } from '../threads/thread-view.ts';
import type { MarkRead, ReadRequest } from './mark-read.ts';
import { allUnread } from './unread-set.ts';

/** Read marks, the documented thread status, and what is unread. */
export function readStateHandlers(ports: {
  readonly db: Kysely<Database>;
  readonly readState: MarkRead;
}): Handlers {
  const { db, readState } = ports;
  return {
    async markRead({ params, user, body }) {
      const thread = await readState.apply({
        userId: user.id,
        threadId: params.thread_id,
        change: { kind: 'read', seq: body.seq },
      });
      const { thread_id, read_seq, unread } = threadView(thread);
      return { data: { thread_id, read_seq, unread } };
    },
    async setThreadStatus({ params, user, body }) {
      const { thread_id: threadId, channel_id: channelId } = params;
      const before = await threadById(db, threadId, user.id);
      if (before?.channel_id !== channelId) {
        throw new TelexError('not_found', 'There is no such thread in this channel.');
      }
      const change = changeOf(body);
      return { data: threadView(await readState.apply({ userId: user.id, threadId, change })) };
    },
    async unread({ user }) {
      return { data: await allUnread(db, user.id) };
    },
  };
}

function changeOf({ status, seq }: Body<'setThreadStatus'>): ReadRequest['change'] {
  if (status === 'read') return { kind: 'read', seq };
  if (status === 'unread') return { kind: 'unread' };
  return { kind: 'status', status };
}
