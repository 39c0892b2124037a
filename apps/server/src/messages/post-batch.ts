import { TelexError } from '@telex/contract';
import type { Kysely } from 'kysely';
import type { Database, NewRow } from '../db/schema.ts';
import { displayName } from '../display-name.ts';
import { type EventRow, insertEvents, takeSeqs } from '../events/event-store.ts';
import type { Outcome } from '../events/group-commit.ts';
import { renderUnreadThreadChange } from '../events/push-payload.ts';
import { fingerprintOf, keyOwner, type PostRequest } from './post-request.ts';
import {
  authorsIn,
  channelsOfThreads,
  channelsToPostIn,
  earlierPosts,
  insertPosts,
  isActiveMember,
  type NewReply,
  type PostedMessage,
  type PostingAuthor,
  type PostingChannel,
} from './post-store.ts';

/** How long an `Idempotency-Key` is remembered. */
export const KEY_LIFETIME_MS = 24 * 60 * 60 * 1000;

export interface PostResult {
  readonly message: PostedMessage;
  /** Posted earlier under the same key; nothing was written now. */
  readonly repeated: boolean;
}

export interface BatchResult {
  /** One for each request, in order. */
  readonly outcomes: readonly Outcome<PostResult>[];
  /** Of each organisation, oldest first: to be sent once the transaction has been committed. */
  readonly events: ReadonlyMap<string, readonly EventRow[]>;
}

export interface BatchPorts {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newId: () => string;
}

/**
 * Posts several messages in the caller's transaction. Each request is judged on its own before
 * anything is written; what is written for a message is the same number of rows however large the
 * channel is: message, event, thread, the author's read mark, idempotency key.
 */
export async function postBatch(
  db: Kysely<Database>,
  requests: readonly PostRequest[],
  ports: BatchPorts,
): Promise<BatchResult> {
  const at = ports.now();
  const known = await lookUp(db, requests, at);
  const outcomes: Outcome<PostResult>[] = [];
  const accepted: Accepted[] = [];
  const byKey = new Map<string, { readonly fingerprint: string; readonly slot: number }>();
  const repeats: { readonly slot: number; readonly of: number }[] = [];
  for (const [slot, request] of requests.entries()) {
    const { idempotencyKey: key } = request;
    const name = key === undefined ? undefined : keyName(keyOwner(request.author), key);
    const fingerprint = name === undefined ? '' : fingerprintOf(request);
    const earlier = name === undefined ? undefined : known.earlier.get(name);
    const twin = name === undefined ? undefined : byKey.get(name);
    if (earlier !== undefined) {
      outcomes[slot] =
        earlier.fingerprint === fingerprint
          ? { ok: true, value: { message: earlier.message, repeated: true } }
          : { ok: false, error: new TelexError('idempotency_conflict') };
      continue;
    }
    if (twin !== undefined) {
      if (twin.fingerprint === fingerprint) repeats.push({ slot, of: twin.slot });
      else outcomes[slot] = { ok: false, error: new TelexError('idempotency_conflict') };
      continue;
    }
    const verdict = await judge(db, request, known);
    if (verdict instanceof TelexError) {
      outcomes[slot] = { ok: false, error: verdict };
      continue;
    }
    accepted.push({ slot, request, fingerprint, ...verdict });
    if (name !== undefined) byKey.set(name, { fingerprint, slot });
  }
  const written = await write(db, accepted, { at, newId: ports.newId });
  for (const { slot, message } of written.messages) {
    outcomes[slot] = { ok: true, value: { message, repeated: false } };
  }
  for (const { slot, of } of repeats) {
    const first = outcomes[of];
    if (first?.ok) outcomes[slot] = { ok: true, value: { ...first.value, repeated: true } };
  }
  return { outcomes, events: written.events };
}

interface Known {
  readonly channels: ReadonlyMap<string, PostingChannel>;
  readonly authors: ReadonlyMap<string, PostingAuthor>;
  readonly threads: ReadonlyMap<string, string>;
  readonly earlier: ReadonlyMap<
    string,
    { readonly fingerprint: string; readonly message: PostedMessage }
  >;
}

function keyName(ownerId: string, key: string): string {
  return `${ownerId} ${key}`;
}

async function lookUp(
  db: Kysely<Database>,
  requests: readonly PostRequest[],
  at: number,
): Promise<Known> {
  const channelIds = new Set<string>();
  const threadIds = new Set<string>();
  const members = new Map<string, { channelId: string; userId: string }>();
  const keys = new Map<string, { authorId: string; key: string }>();
  for (const { channelId, threadId, author, idempotencyKey: key } of requests) {
    channelIds.add(channelId);
    if (threadId !== undefined) threadIds.add(threadId);
    if (author.kind === 'user') {
      members.set(`${channelId}/${author.userId}`, { channelId, userId: author.userId });
    }
    if (key === undefined) continue;
    const authorId = keyOwner(author);
    keys.set(keyName(authorId, key), { authorId, key });
  }
  const earlier = await earlierPosts(db, [...keys.values()], at - KEY_LIFETIME_MS);
  return {
    channels: await channelsToPostIn(db, [...channelIds]),
    authors: await authorsIn(db, [...members.values()]),
    threads: await channelsOfThreads(db, [...threadIds]),
    earlier: new Map(earlier.map((post) => [keyName(post.authorId, post.key), post])),
  };
}

interface Allowed {
  readonly channel: PostingChannel;
  readonly authorName: string;
}
interface Accepted extends Allowed {
  readonly slot: number;
  readonly request: PostRequest;
  readonly fingerprint: string;
}

/** May it be posted? Who cannot see the channel is not told that it is there. */
async function judge(
  db: Kysely<Database>,
  request: PostRequest,
  known: Known,
): Promise<Allowed | TelexError> {
  const channel = known.channels.get(request.channelId);
  if (channel === undefined || channel.deleted_at !== null) return noChannel();
  const { author } = request;
  let authorName: string;
  if (author.kind === 'webhook') {
    authorName = author.name;
  } else {
    const member = known.authors.get(`${channel.id}/${author.userId}`);
    if (member === undefined) return refuseStranger(db, channel, author.userId);
    if (member.status !== 'active') return noChannel();
    if (member.role === 'Guest') {
      return new TelexError('forbidden', 'Guests can read but not write. Ask for the role User.');
    }
    authorName = displayName(member);
  }
  if (channel.archived === 1) {
    return new TelexError('forbidden', 'The channel is archived; nothing more can be posted.');
  }
  const { threadId } = request;
  if (threadId !== undefined && known.threads.get(threadId) !== channel.id) {
    return new TelexError('not_found', 'There is no such thread in this channel.');
  }
  return { channel, authorName };
}

function noChannel(): TelexError {
  return new TelexError('not_found', 'There is no such channel, or you cannot see it.');
}

async function refuseStranger(
  db: Kysely<Database>,
  channel: PostingChannel,
  userId: string,
): Promise<TelexError> {
  const isHidden = channel.is_private === 1 || channel.is_dm === 1;
  if (isHidden || !(await isActiveMember(db, channel.organisation_id, userId))) return noChannel();
  return new TelexError('forbidden', 'Join the channel before posting in it.');
}

interface Written {
  readonly messages: readonly { readonly slot: number; readonly message: PostedMessage }[];
  readonly events: ReadonlyMap<string, readonly EventRow[]>;
}

async function write(
  db: Kysely<Database>,
  accepted: readonly Accepted[],
  ports: { readonly at: number; readonly newId: () => string },
): Promise<Written> {
  if (accepted.length === 0) return { messages: [], events: new Map() };
  const messages: Written['messages'][number][] = [];
  const events = new Map<string, EventRow[]>();
  const rows = emptyRows();
  for (const [organisationId, posts] of groupByOrganisation(accepted)) {
    const firstSeq = await takeSeqs(db, organisationId, posts.length);
    const ofOrganisation: EventRow[] = [];
    for (const [index, post] of posts.entries()) {
      const made = makePost(post, { seq: firstSeq + index, ...ports });
      addRows(rows, post, made.message);
      messages.push({ slot: post.slot, message: made.message });
      ofOrganisation.push(made.event);
    }
    events.set(organisationId, ofOrganisation);
  }
  await insertPosts(db, {
    ...rows,
    replies: [...rows.replies.values()],
    readMarks: [...rows.readMarks.values()],
  });
  await insertEvents(db, [...events.values()].flat());
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
