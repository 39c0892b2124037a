import { CHANNELS_SECTION, MESSAGES_SECTION, previewOf } from '@telex/contract';

/** The documented "not deleted" of a push (telex-api.md §1.5, §6). */
const NOT_DELETED = '0001-01-01T00:00:00Z';

/** The channel as a push carries it (telex-api.md §4.3); times in milliseconds since 1970. */
export interface PushChannel {
  readonly id: string;
  readonly organisation_id: string;
  readonly name: string;
  readonly description: string;
  readonly topic: string;
  readonly owner_id: string;
  readonly owner_name: string;
  readonly archived: 0 | 1;
  readonly is_private: 0 | 1;
  readonly is_dm: 0 | 1;
  readonly created_at: number;
}

/** Its columns, of the tables `channels as c` and `users as o` (the owner). */
export const pushChannelColumns = [
  'c.id',
  'c.organisation_id',
  'c.name',
  'c.description',
  'c.topic',
  'c.owner_id',
  'o.username as owner_name',
  'c.archived',
  'c.is_private',
  'c.is_dm',
  'c.created_at',
] as const;

/** What every event has. */
export interface PushHead {
  /** Event id: `notification_id`. */
  readonly id: string;
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly occurredAt: number;
}

export interface MessagePush {
  readonly threadId: string;
  readonly messageId: string;
  /** Undefined: a webhook. */
  readonly authorId: string | undefined;
  readonly authorName: string;
  readonly content: string;
  /** Of a webhook's post. */
  readonly eventName: string | undefined;
}

/** A thread has something new (telex-api.md §4.3 and §4.4). The same text for every receiver. */
export function renderUnreadThreadChange(
  head: PushHead,
  channel: PushChannel,
  message: MessagePush,
): string {
  return render('unread_thread_change', head, channel, {
    ...channelData(channel, message.threadId),
    is_dm: channel.is_dm === 1,
    thread_id: message.threadId,
    message_id: message.messageId,
    author_id: message.authorId,
    author_name: message.authorName,
    text_preview: previewOf(message.content),
    event_name: message.eventName,
  });
}

/** The user has read a thread up to `readSeq`, for the user's other devices. */
export function renderThreadRead(
  head: PushHead,
  channel: PushChannel,
  mark: { readonly threadId: string; readonly readSeq: number },
): string {
  return render('thread_read', head, channel, {
    ...channelData(channel, mark.threadId),
    thread_id: mark.threadId,
    read_seq: mark.readSeq,
  });
}

/** A notification that someone sends to themselves to see whether the way is open. */
export function renderTestNotification(head: PushHead, organisationId: string): string {
  return render('test_notification', head, undefined, {
    name: 'Telex',
    description: 'Test notification',
    organisation_id: organisationId,
    text_preview: 'This is a test notification. Notifications reach this computer.',
  });
}

function channelData(channel: PushChannel, threadId: string) {
  return {
    channels_id: channel.id,
    name: channel.name,
    description: channel.description,
    topic: channel.topic,
    organisation_id: channel.organisation_id,
    owner_id: channel.owner_id,
    owner_name: channel.owner_name,
    archived: channel.archived === 1,
    is_private: channel.is_private === 1,
    created_at: new Date(channel.created_at).toISOString(),
    deleted_at: NOT_DELETED,
    access: true,
    last_thread_id: threadId,
  };
}

function render(
  type: string,
  head: PushHead,
  channel: PushChannel | undefined,
  data: object,
): string {
  return JSON.stringify({
    notification_type: type,
    section: channel?.is_dm === 1 ? MESSAGES_SECTION : CHANNELS_SECTION,
    notification_id: head.id,
    data: { ...data, seq: head.seq, occurred_at: new Date(head.occurredAt).toISOString() },
  });
}
