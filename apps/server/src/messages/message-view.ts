import type { Row } from '../db/schema.ts';

/** A message as the API shows it: the union of the documented forms (telex-api.md §5.5). */
export function messageView(message: Row<'messages'>) {
  const createdAt = new Date(message.created_at).toISOString();
  return {
    id: message.id,
    content: message.content,
    channel_id: message.channel_id,
    channels_id: message.channel_id,
    thread_id: message.thread_id,
    user_id: message.author_id ?? '',
    username: message.author_name,
    avatar_url: '',
    mentions: null,
    created_at: createdAt,
    updated_at: createdAt,
    seq: message.seq,
  };
}
