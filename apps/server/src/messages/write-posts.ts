import type { Queries } from '../db/query-cache.ts';
import type { NewRow } from '../db/schema.ts';
import { type EventRow, insertEvents, takeSeqs } from '../events/event-store.ts';
import { renderUnreadThreadChange } from '../events/push-payload.ts';
import { keyOwner, type PostRequest } from './post-request.ts';
import {
  insertPosts,
  type NewReply,
  type PostedMessage,
  type PostingChannel,
} from './post-store.ts';

/** What a request may post as. */
export interface Allowed {
  readonly channel: PostingChannel;
  readonly authorName: string;
}
/** A request that will be written. */
export interface Accepted extends Allowed {
  /** Place among the requests. */
  readonly slot: number;
  readonly request: PostRequest;
  readonly fingerprint: string;
}

export interface Written {
  readonly messages: readonly { readonly slot: number; readonly message: PostedMessage }[];
  readonly events: ReadonlyMap<string, readonly EventRow[]>;
}

/**
 * Writes accepted posts in a few statements, whatever their number: messages, threads, the authors'
 * read marks, idempotency keys, events.
 */
export async function writePosts(
  queries: Queries,
  accepted: readonly Accepted[],
  ports: { readonly at: number; readonly newId: () => string },
): Promise<Written> {
  if (accepted.length === 0) return { messages: [], events: new Map() };
  const messages: Written['messages'][number][] = [];
  const events = new Map<string, EventRow[]>();
  const rows = emptyRows();
  for (const [organisationId, posts] of groupByOrganisation(accepted)) {
    const firstSeq = await takeSeqs(queries, organisationId, posts.length);
    const ofOrganisation: EventRow[] = [];
    for (const [index, post] of posts.entries()) {
      const made = makePost(post, { seq: firstSeq + index, ...ports });
      addRows(rows, post, made.message);
      messages.push({ slot: post.slot, message: made.message });
      ofOrganisation.push(made.event);
    }
    events.set(organisationId, ofOrganisation);
  }
  await insertPosts(queries, {
    ...rows,
    replies: [...rows.replies.values()],
    readMarks: [...rows.readMarks.values()],
  });
  await insertEvents(queries, [...events.values()].flat());
  return { messages, events };
}

function groupByOrganisation(accepted: readonly Accepted[]): Map<string, Accepted[]> {
  return Map.groupBy(accepted, ({ channel }) => channel.organisation_id);
}

function makePost(
  post: Accepted,
  place: { readonly seq: number; readonly at: number; readonly newId: () => string },
): { readonly message: PostedMessage; readonly event: EventRow } {
  const { channel, request, authorName } = post;
  const { seq, at, newId } = place;
  const authorId = request.author.kind === 'user' ? request.author.userId : null;
  const message: PostedMessage = {
    id: newId(),
    thread_id: request.threadId ?? newId(),
    channel_id: channel.id,
    organisation_id: channel.organisation_id,
    author_id: authorId,
    author_name: authorName,
    content: request.content,
    seq,
    created_at: at,
  };
  const id = newId();
  const payload = renderUnreadThreadChange({ id, seq, occurredAt: at }, channel, {
    threadId: message.thread_id,
    messageId: message.id,
    authorId: authorId ?? undefined,
    authorName,
    content: request.content,
    eventName: request.author.kind === 'webhook' ? request.author.eventName : undefined,
  });
  const event: EventRow = {
    organisation_id: channel.organisation_id,
    seq,
    id,
    type: 'unread_thread_change',
    channel_id: channel.id,
    thread_id: message.thread_id,
    audience_user_id: null,
    actor_id: authorId,
    payload,
    created_at: at,
  };
  return { message, event };
}

function emptyRows() {
  return {
    threads: [] as NewRow<'threads'>[],
    replies: new Map<string, NewReply>(),
    messages: [] as NewRow<'messages'>[],
    readMarks: new Map<string, NewRow<'read_marks'>>(),
    idempotencyKeys: [] as NewRow<'idempotency_keys'>[],
    messageCounts: new Map<string, number>(),
  };
}

function addRows(rows: ReturnType<typeof emptyRows>, post: Accepted, message: PostedMessage): void {
  const { request, fingerprint } = post;
  const { thread_id, channel_id, seq, created_at, author_id } = message;
  rows.messages.push(message);
  rows.messageCounts.set(channel_id, (rows.messageCounts.get(channel_id) ?? 0) + 1);
  if (request.threadId === undefined) rows.threads.push(newThread(post, message));
  else {
    const count = (rows.replies.get(thread_id)?.count ?? 0) + 1;
    rows.replies.set(thread_id, { threadId: thread_id, lastSeq: seq, count, at: created_at });
  }
  if (author_id !== null) {
    const mark = { user_id: author_id, thread_id, read_seq: seq };
    rows.readMarks.set(`${author_id}/${thread_id}`, mark);
  }
  if (request.idempotencyKey !== undefined) {
    rows.idempotencyKeys.push({
      author_id: keyOwner(request.author),
      key: request.idempotencyKey,
      fingerprint,
      message_id: message.id,
      created_at,
    });
  }
}

function newThread({ request }: Accepted, message: PostedMessage): NewRow<'threads'> {
  const { author } = request;
  return {
    id: message.thread_id,
    channel_id: message.channel_id,
    organisation_id: message.organisation_id,
    author_id: message.author_id,
    author_name: message.author_name,
    content: message.content,
    event_name: author.kind === 'webhook' ? author.eventName : '',
    status: author.kind === 'webhook' ? author.status : 'success',
    first_seq: message.seq,
    last_seq: message.seq,
    message_count: 1,
    created_at: message.created_at,
    last_reply_at: null,
  };
}
