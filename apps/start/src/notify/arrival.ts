import type { ReceivedPush } from '@telex/client';
import type { PushEvent } from '@telex/contract';
import { cleanText, NAME_LENGTH, TEXT_LENGTH } from './clean-text.ts';

/** What a notification may say of one message: safe to show, short. */
export interface MessageContent {
  readonly organisation: string;
  readonly channel: string;
  readonly author: string;
  readonly text: string;
  readonly sentAtUnixMs: number;
}

/** One push as the policy sees it. Keys are opaque; equal keys mean the same thing. */
export interface Arrival {
  readonly type: 'message' | 'test' | 'unknown';
  /** `notification_id`, else the message's id; undefined where a foreign server sends neither. */
  readonly id: string | undefined;
  readonly messageId: string | undefined;
  readonly threadId: string | undefined;
  readonly threadKey: string;
  readonly channelKey: string;
  readonly channelId: string | undefined;
  readonly organisationId: string;
  readonly authorId: string | undefined;
  readonly seq: number | undefined;
  readonly via: 'live' | 'catch-up';
  readonly content: MessageContent;
}

/** Someone read a thread, here or on another device. */
export interface ThreadRead {
  readonly threadKey: string;
  /** Read up to and including this seq. */
  readonly readSeq: number;
}

/** Sorts a validated push into what the policy acts on. */
export function readPush(
  push: ReceivedPush,
):
  | { readonly kind: 'arrival'; readonly arrival: Arrival }
  | ({ readonly kind: 'read' } & ThreadRead) {
  const { event, organisation } = push;
  if (event.kind === 'thread_read') {
    const { thread_id, read_seq } = event.push.data;
    return { kind: 'read', threadKey: threadKey(organisation.id, thread_id), readSeq: read_seq };
  }
  return { kind: 'arrival', arrival: arrivalOf(push, event) };
}

export function threadKey(organisationId: string, threadId: string): string {
  return `thread ${organisationId} ${threadId}`;
}

function arrivalOf(
  { organisation, receivedAtUnixMs, via }: ReceivedPush,
  event: Exclude<PushEvent, { kind: 'thread_read' }>,
): Arrival {
  const { data } = event.push;
  const message = event.kind === 'unread_thread_change' ? event.push.data : undefined;
  const test = event.kind === 'test_notification' ? event.push.data : undefined;
  const channelKey = `channel ${organisation.id} ${data.channels_id ?? data.name ?? ''}`;
  const sentAt = data.occurred_at === undefined ? Number.NaN : Date.parse(data.occurred_at);
  const preview = message?.text_preview ?? test?.text_preview ?? message?.description ?? '';
  const author = message?.author_name ?? message?.event_name ?? '';
  return {
    type: message !== undefined ? 'message' : test !== undefined ? 'test' : 'unknown',
    id: event.push.notification_id ?? message?.message_id,
    messageId: message?.message_id,
    threadId: message?.thread_id,
    threadKey:
      message?.thread_id === undefined ? channelKey : threadKey(organisation.id, message.thread_id),
    channelKey,
    channelId: data.channels_id,
    organisationId: organisation.id,
    authorId: message?.author_id,
    seq: data.seq,
    via,
    content: {
      organisation: cleanText(organisation.name, NAME_LENGTH),
      channel: cleanText(data.name ?? '', NAME_LENGTH),
      author: cleanText(author, NAME_LENGTH),
      text: cleanText(preview, TEXT_LENGTH),
      sentAtUnixMs: Number.isFinite(sentAt) ? sentAt : receivedAtUnixMs,
    },
  };
}
