import { TelexError } from '@telex/contract';
import type { Kysely } from 'kysely';
import type { Commits } from '../db/commits.ts';
import { createQueryCache, type Queries } from '../db/query-cache.ts';
import type { Database } from '../db/schema.ts';
import { type EventRow, insertEvents, takeSeqs } from '../events/event-store.ts';
import { createGroupCommit, type Outcome } from '../events/group-commit.ts';
import { renderThreadRead } from '../events/push-payload.ts';
import { raiseReadMarks } from '../messages/post-store.ts';
import { readableChannel } from '../threads/channel-access.ts';
import { isUnread, readSeqOf, type ThreadRow, threadById } from '../threads/thread-store.ts';
import { putBackToUnread, setUserStatus } from './read-state-store.ts';

const MAX_BATCH = 32;
const MAX_WAITING = 10_000;

/** A change of one user's state of one thread. */
export interface ReadRequest {
  readonly userId: string;
  readonly threadId: string;
  readonly change:
    | { readonly kind: 'read' /** Undefined: all of it. */; readonly seq: number | undefined }
    | { readonly kind: 'unread' }
    | { readonly kind: 'status'; readonly status: 'active' | 'inactive' };
}

export interface MarkReadOptions {
  readonly commits: Commits;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newId: () => string;
  readonly committed: (organisationId: string, events: readonly EventRow[]) => void;
}

export interface MarkRead {
  /** Gives the thread as the user then has it. @throws TelexError `not_found`, `busy` */
  apply(request: ReadRequest): Promise<ThreadRow>;
  close(): Promise<void>;
}

interface Applied {
  readonly thread: ThreadRow;
  readonly event: EventRow | undefined;
}

/**
 * Read marks: the last seq read of a thread, only ever raised. A mark that moves is an event for
 * the user's other devices. Requests that wait at the same time share one commit.
 */
export function markRead(options: MarkReadOptions): MarkRead {
  const { committed } = options;
  const queries = createQueryCache();
  const marks = createGroupCommit<ReadRequest, ThreadRow>({
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    commit: async (requests) => {
      const applied = await options.commits.durable(async (transaction) => {
        const outcomes: Outcome<Applied>[] = [];
        for (const request of requests) {
          outcomes.push(await outcomeOf(() => applyOne(queries.on(transaction), request, options)));
        }
        return outcomes;
      });
      const events = applied.flatMap((outcome) => (outcome.ok ? (outcome.value.event ?? []) : []));
      for (const event of events) committed(event.organisation_id, [event]);
      return applied.map((outcome) =>
        outcome.ok ? { ok: true, value: outcome.value.thread } : outcome,
      );
    },
  });
  return { apply: (request) => marks.run(request), close: () => marks.close() };
}

/** What the user may be told is an outcome; anything else fails the transaction. */
async function outcomeOf<Result>(work: () => Promise<Result>): Promise<Outcome<Result>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (error instanceof TelexError) return { ok: false, error };
    throw error;
  }
}

async function applyOne(
  queries: Queries,
  { userId, threadId, change }: ReadRequest,
  ports: Pick<MarkReadOptions, 'now' | 'newId'>,
): Promise<Applied> {
  const { db } = queries;
  const before = await findThread(db, threadId, userId);
  const { channel } = await readableChannel(db, before.channel_id, userId);
  let event: EventRow | undefined;
  if (change.kind === 'unread') {
    await putBackToUnread(db, { userId, threadId });
  } else if (change.kind === 'status') {
    await setUserStatus(db, { userId, threadId, status: change.status });
  } else {
    const seq = Math.min(change.seq ?? before.last_seq, before.last_seq);
    const moves = seq > readSeqOf(before) || (before.marked_unread === 1 && isUnread(before));
    if (moves) {
      await raiseReadMarks(queries, [{ user_id: userId, thread_id: threadId, read_seq: seq }]);
      const place = {
        id: ports.newId(),
        seq: await takeSeqs(queries, channel.organisation_id, 1),
        occurredAt: ports.now(),
      };
      event = {
        organisation_id: channel.organisation_id,
        seq: place.seq,
        id: place.id,
        type: 'thread_read',
        channel_id: channel.id,
        thread_id: threadId,
        audience_user_id: userId,
        actor_id: null,
        payload: renderThreadRead(place, channel, { threadId, readSeq: seq }),
        created_at: place.occurredAt,
      };
      await insertEvents(queries, [event]);
    }
  }
  return { thread: await findThread(db, threadId, userId), event };
}

async function findThread(
  db: Kysely<Database>,
  threadId: string,
  userId: string,
): Promise<ThreadRow> {
  const thread = await threadById(db, threadId, userId);
  if (thread !== undefined) return thread;
  throw new TelexError('not_found', 'There is no such thread, or you cannot see it.');
}
