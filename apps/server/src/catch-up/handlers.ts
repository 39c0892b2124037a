import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Handlers } from '../http/handler.ts';
import { catchUp } from './catch-up.ts';

/** What a client missed. */
export function catchUpHandlers({ db }: { readonly db: Kysely<Database> }): Handlers {
  return {
    async catchUp({ user, body }) {
      return { data: await catchUp(db, user.id, { cursors: body.cursors, limit: body.limit }) };
    },
  };
}
