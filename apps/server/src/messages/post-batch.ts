import { TelexError } from '@telex/contract';
import type { Queries } from '../db/query-cache.ts';
import { displayName } from '../display-name.ts';
import { activeSince } from '../events/audience.ts';
import type { EventRow } from '../events/event-store.ts';
import type { Outcome } from '../events/group-commit.ts';
import { roleOf } from '../organisations/membership-store.ts';
import { may } from '../organisations/rights.ts';
import { fingerprintOf, keyOwner, type PostRequest } from './post-request.ts';
import {
  authorsIn,
  channelsOfThreads,
  channelsToPostIn,
  earlierPosts,
  type PostedMessage,
  type PostingAuthor,
  type PostingChannel,
} from './post-store.ts';
import { type Accepted, type Allowed, writePosts } from './write-posts.ts';

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
  queries: Queries,
  requests: readonly PostRequest[],
  ports: BatchPorts,
): Promise<BatchResult> {
  const at = ports.now();
  const known = await lookUp(queries, requests, at);
  const outcomes: Outcome<PostResult>[] = [];
  const accepted: Accepted[] = [];
  const firstOfKey = new Map<string, { readonly fingerprint: string; readonly slot: number }>();
  const repeats: { readonly slot: number; readonly of: number }[] = [];
  for (const [slot, request] of requests.entries()) {
    const key = keyOf(request);
    const fingerprint = key === undefined ? '' : fingerprintOf(request);
    const earlier = key === undefined ? undefined : known.earlier.get(key);
    const twin = key === undefined ? undefined : firstOfKey.get(key);
    const original = earlier ?? twin;
    if (original !== undefined && original.fingerprint !== fingerprint) {
      outcomes[slot] = { ok: false, error: new TelexError('idempotency_conflict') };
    } else if (earlier !== undefined) {
      outcomes[slot] = { ok: true, value: { message: earlier.message, repeated: true } };
    } else if (twin !== undefined) {
      repeats.push({ slot, of: twin.slot });
    } else {
      const verdict = await judge(queries, request, known);
      if (verdict instanceof TelexError) {
        outcomes[slot] = { ok: false, error: verdict };
        continue;
      }
      accepted.push({ slot, request, fingerprint, ...verdict });
      if (key !== undefined) firstOfKey.set(key, { fingerprint, slot });
    }
  }
  const written = await writePosts(queries, accepted, { at, newId: ports.newId });
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

function keyOf({ author, idempotencyKey }: PostRequest): string | undefined {
  return idempotencyKey === undefined ? undefined : keyName(keyOwner(author), idempotencyKey);
}

function keyName(ownerId: string, key: string): string {
  return `${ownerId} ${key}`;
}

async function lookUp(
  queries: Queries,
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
  const earlier = await earlierPosts(queries, [...keys.values()], at - KEY_LIFETIME_MS);
  return {
    channels: await channelsToPostIn(queries, [...channelIds]),
    authors: await authorsIn(queries, [...members.values()]),
    threads: await channelsOfThreads(queries, [...threadIds]),
    earlier: new Map(earlier.map((post) => [keyName(post.authorId, post.key), post])),
  };
}

/** May it be posted? Who cannot see the channel is not told that it is there. */
async function judge(
  queries: Queries,
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
    if (member === undefined) return refuseStranger(queries, channel, author.userId);
    if (member.status !== 'active') return noChannel();
    if (!may(roleOf(member.role), 'write')) {
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
  queries: Queries,
  channel: PostingChannel,
  userId: string,
): Promise<TelexError> {
  const isHidden = channel.is_private === 1 || channel.is_dm === 1;
  if (isHidden) return noChannel();
  const since = await activeSince(queries.db, channel.organisation_id, userId);
  if (since === undefined) return noChannel();
  return new TelexError('forbidden', 'Join the channel before posting in it.');
}
