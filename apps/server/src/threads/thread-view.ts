import type { Row } from '../db/schema.ts';
import { messageView } from '../messages/message-view.ts';
import { isUnread, readSeqOf, type ThreadRow } from './thread-store.ts';

/** The documented "no reply yet" (telex-api.md §1.5). */
const NEVER = '0001-01-01T00:00:00Z';

/** A thread as the API shows it to one user (telex-api.md §5.5), with our read state. */
export function threadView(thread: ThreadRow, messages: readonly Row<'messages'>[] = []) {
  return {
    thread_id: thread.id,
    channels_id: thread.channel_id,
    channel_name: thread.channel_name,
    user_id: thread.author_id ?? '',
    username: thread.author_name,
    event_name: thread.event_name,
    status: thread.status,
    action_type: '',
    type: 'thread',
    avatar_url: '',
    content: thread.content,
    created_at: new Date(thread.created_at).toISOString(),
    last_reply:
      thread.last_reply_at === null ? NEVER : new Date(thread.last_reply_at).toISOString(),
    message_count: thread.message_count,
    messages: messages.map(messageView),
    current_status: thread.user_status ?? 'active',
    last_seq: thread.last_seq,
    read_seq: Math.min(readSeqOf(thread), thread.last_seq),
    unread: isUnread(thread),
  };
}
