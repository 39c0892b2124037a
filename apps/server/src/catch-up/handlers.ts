import type { Kysely } from 'kysely';
import type { Commits } from '../db/commits.ts';
import type { Database } from '../db/schema.ts';
import type { Handlers } from '../http/handler.ts';
import { catchUp } from './catch-up.ts';

/** What a client missed. */
export function catchUpHandlers(ports: {
  readonly db: Kysely<Database>;
  readonly commits: Commits;
}): Handlers {
  return {
    async catchUp({ user, body }) {
      return { data: await catchUp(ports, user.id, { cursors: body.cursors, limit: body.limit }) };
    },
  };
}
