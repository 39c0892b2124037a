import * as v from 'valibot';
import { id, listOrNull, MAX_CONTENT_LENGTH, queryInt, seq, text, time } from './primitives.ts';

const content = v.pipe(
  v.string(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(MAX_CONTENT_LENGTH, `must have at most ${MAX_CONTENT_LENGTH} characters`),
);

/** Without `thread_id` it opens a thread. */
export const postMessageBody = v.object({ content, thread_id: v.optional(v.nullable(id)) });

/** Header of a post that may be repeated without doubling; unique per author for 24 h. */
export const IDEMPOTENCY_HEADER = 'idempotency-key';
export const idempotencyKey = v.pipe(
  v.string(),
  v.regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 visible ASCII characters'),
);

/** Union of the documented message forms (telex-api.md §5.5), with the event's `seq`. */
export const message = v.looseObject({
  id,
  content: text,
  channel_id: v.optional(id),
  channels_id: v.optional(id),
  thread_id: v.optional(id),
  user_id: v.optional(id),
  username: v.optional(text),
  avatar_url: v.optional(text),
  created_at: time,
  updated_at: v.optional(time),
  seq: v.optional(seq),
});
export const messagesReply = v.looseObject({ messages: listOrNull(message) });

/** `cursor` is the `next_cursor` of the page before; newest first. */
export const pageQuery = v.object({
  cursor: v.optional(v.pipe(v.string(), v.maxLength(200, 'is too long'))),
  limit: v.optional(queryInt(1, 200)),
  page_size: v.optional(queryInt(1, 200)),
  page: v.optional(queryInt(1, 1_000_000)),
});

/** A thread as the documentation shows it, with our read state. */
export const thread = v.looseObject({
  thread_id: id,
  channels_id: id,
  channel_name: v.optional(text),
  username: v.optional(text),
  content: v.optional(text),
  created_at: time,
  last_reply: v.optional(v.nullable(time)),
  message_count: v.optional(v.number()),
  messages: v.optional(listOrNull(message)),
  /** Seq of the newest message in it. */
  last_seq: v.optional(seq),
  /** Read by the caller up to this seq. */
  read_seq: v.optional(seq),
  unread: v.optional(v.boolean()),
});
export const threadsReply = listOrNull(thread);

/** Documented; `read` and `unread` are ours, `seq` bounds what was read (default: all). */
export const threadStatusBody = v.object({
  status: v.picklist(
    ['active', 'inactive', 'read', 'unread'],
    'must be active, inactive, read or unread',
  ),
  seq: v.optional(seq),
});
/** Ours: read up to `seq`, or all of it. A read mark only rises. */
export const markReadBody = v.object({ seq: v.optional(seq) });
export const readMarkReply = v.looseObject({ thread_id: id, read_seq: seq, unread: v.boolean() });
