import type { Commits } from '../db/commits.ts';
import { createQueryCache } from '../db/query-cache.ts';
import type { EventRow } from '../events/event-store.ts';
import { createGroupCommit } from '../events/group-commit.ts';
import { type BatchPorts, type PostResult, postBatch } from './post-batch.ts';
import type { PostRequest } from './post-request.ts';

/** Posts in one transaction; keeps one commit to a few milliseconds. */
const MAX_BATCH = 64;
const MAX_WAITING = 10_000;

export interface PostMessagesOptions extends BatchPorts {
  readonly commits: Commits;
  /** Told of events once they are on disk. */
  readonly committed: (organisationId: string, events: readonly EventRow[]) => void;
}

export interface PostMessages {
  /**
   * Stores a message and its event; what it gives is on disk.
   * @throws TelexError `not_found`, `forbidden`, `idempotency_conflict`, `busy`, `unavailable`
   */
  post(request: PostRequest): Promise<PostResult>;
  close(): Promise<void>;
}

/** Posting: requests that wait at the same time share one commit. */
export function postMessages(options: PostMessagesOptions): PostMessages {
  const { committed } = options;
  const queries = createQueryCache();
  const posts = createGroupCommit<PostRequest, PostResult>({
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    commit: async (requests) => {
      const { outcomes, events } = await options.commits.durable(
        (transaction) => postBatch(queries.on(transaction), requests, options),
        requests.length === 1,
      );
      for (const [organisationId, ofOrganisation] of events) {
        committed(organisationId, ofOrganisation);
      }
      return outcomes;
    },
  });
  return { post: (request) => posts.run(request), close: () => posts.close() };
}
