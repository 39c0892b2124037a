import * as v from 'valibot';
import { type Parsed, parse } from './parse.ts';
import { id, seq, text, time } from './primitives.ts';

/** Sections a push can belong to; an open set (telex-api.md §4.1). */
export const CHANNELS_SECTION = 'channels_section';
export const MESSAGES_SECTION = 'messages_section';
/** Longest `text_preview`, in UTF-16 units. */
export const PREVIEW_LENGTH = 280;

/**
 * The channel object that every push carries (telex-api.md §4.3). All fields are optional here,
 * since the documentation also shows a short form; a field that is there must have its type.
 */
const channelFields = {
  channels_id: v.optional(id),
  name: v.optional(text),
  description: v.optional(text),
  topic: v.optional(text),
  organisation_id: v.optional(id),
  owner_id: v.optional(id),
  owner_name: v.optional(text),
  archived: v.optional(v.boolean()),
  is_private: v.optional(v.boolean()),
  created_at: v.optional(time),
  deleted_at: v.optional(v.nullable(time)),
  access: v.optional(v.boolean()),
  last_thread_id: v.optional(id),
};

/** What our server adds to every push it sends (telex-api.md §4.4). */
const eventFields = {
  /** Place in the organisation's event log. */
  seq: v.optional(seq),
  /** When it happened. */
  occurred_at: v.optional(time),
};

const unreadThreadChangeData = v.looseObject({
  ...channelFields,
  ...eventFields,
  is_dm: v.optional(v.boolean()),
  thread_id: v.optional(id),
  message_id: v.optional(id),
  author_id: v.optional(id),
  author_name: v.optional(text),
  text_preview: v.optional(text),
  /** The event name of a webhook's post, where one caused it. */
  event_name: v.optional(text),
});

const threadReadData = v.looseObject({
  ...channelFields,
  ...eventFields,
  thread_id: id,
  /** The thread is read up to and including this seq. */
  read_seq: seq,
});

const testNotificationData = v.looseObject({
  ...channelFields,
  ...eventFields,
  text_preview: v.optional(text),
});

const anyData = v.looseObject({ ...channelFields, ...eventFields });

const frame = {
  section: v.optional(text),
  notification_id: v.optional(id),
};

export const unreadThreadChange = v.looseObject({
  notification_type: v.literal('unread_thread_change'),
  ...frame,
  data: unreadThreadChangeData,
});
export const threadRead = v.looseObject({
  notification_type: v.literal('thread_read'),
  ...frame,
  data: threadReadData,
});
export const testNotification = v.looseObject({
  notification_type: v.literal('test_notification'),
  ...frame,
  data: testNotificationData,
});
/** A type this version does not know: passed through, counted, never an error. */
export const otherEvent = v.looseObject({
  notification_type: v.pipe(v.string(), v.minLength(1, 'must not be empty')),
  ...frame,
  data: anyData,
});

export type UnreadThreadChange = v.InferOutput<typeof unreadThreadChange>;
export type ThreadRead = v.InferOutput<typeof threadRead>;
export type TestNotification = v.InferOutput<typeof testNotification>;
export type OtherEvent = v.InferOutput<typeof otherEvent>;

/** A push that passed the validator, told apart by `kind`. */
export type PushEvent =
  | { readonly kind: 'unread_thread_change'; readonly push: UnreadThreadChange }
  | { readonly kind: 'thread_read'; readonly push: ThreadRead }
  | { readonly kind: 'test_notification'; readonly push: TestNotification }
  | { readonly kind: 'other'; readonly push: OtherEvent };

/**
 * Validates the data of one publication. Unknown types and fields pass through; a known field of
 * a wrong type is a fault with the field's path (`data.name`).
 */
export function parsePush(input: unknown): Parsed<PushEvent> {
  const other = parse(otherEvent, input);
  if (!other.ok) return other;
  // The validator library takes a list for an object without the fields.
  if (hasListAsData(input)) {
    return { ok: false, faults: [{ path: 'data', message: 'must be an object, not a list' }] };
  }
  switch (other.value.notification_type) {
    case 'unread_thread_change':
      return wrap('unread_thread_change', parse(unreadThreadChange, input));
    case 'thread_read':
      return wrap('thread_read', parse(threadRead, input));
    case 'test_notification':
      return wrap('test_notification', parse(testNotification, input));
    default:
      return { ok: true, value: { kind: 'other', push: other.value } };
  }
}

function hasListAsData(input: unknown): boolean {
  return (
    typeof input === 'object' && input !== null && 'data' in input && Array.isArray(input.data)
  );
}

function wrap<Kind extends string, Push>(
  kind: Kind,
  parsed: Parsed<Push>,
): Parsed<{ readonly kind: Kind; readonly push: Push }> {
  return parsed.ok ? { ok: true, value: { kind, push: parsed.value } } : parsed;
}

/** Cuts a message text to a preview, never through a surrogate pair, white space folded. */
export function previewOf(content: string): string {
  const folded = content
    .slice(0, PREVIEW_LENGTH * 4)
    .replace(/\s+/g, ' ')
    .trim();
  if (folded.length <= PREVIEW_LENGTH) return folded;
  const cut = folded.slice(0, PREVIEW_LENGTH - 1);
  const last = cut.charCodeAt(cut.length - 1);
  const whole = last >= 0xd800 && last <= 0xdbff ? cut.slice(0, -1) : cut;
  return `${whole}…`;
}
