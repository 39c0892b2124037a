import type { Kysely } from 'kysely';
import type { Database, NewRow, Row } from '../db/schema.ts';

/** The sessions table. */
export class SessionStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async insert(session: NewRow<'sessions'>): Promise<void> {
    await this.#db.insertInto('sessions').values(session).execute();
  }

  /** Changes a session in one transaction with the reading of it. */
  async change<T>(
    id: string,
    decide: (session: Row<'sessions'>) => {
      readonly result: T;
      readonly set?: Partial<Row<'sessions'>>;
    },
  ): Promise<T | undefined> {
    return this.#db.transaction().execute(async (transaction) => {
      const session = await transaction
        .selectFrom('sessions')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      if (session === undefined) return undefined;
      const { result, set } = decide(session);
      if (set !== undefined) {
        await transaction.updateTable('sessions').set(set).where('id', '=', id).execute();
      }
      return result;
    });
  }

  /** Sessions that can still be used, newest use first. */
  async listLive(userId: string, nowMs: number): Promise<Row<'sessions'>[]> {
    return this.#db
      .selectFrom('sessions')
      .selectAll()
      .where('user_id', '=', userId)
      .where('revoked_at', 'is', null)
      .where('expires_at', '>', nowMs)
      .orderBy('last_used_at', 'desc')
      .orderBy('id')
      .execute();
  }

  async expiryOf(id: string): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('sessions')
      .select('expires_at')
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    return row?.expires_at;
  }

  /** Ends sessions of a user, and gives the ids of those that were not ended before. */
  async revoke(
    userId: string,
    which: { readonly only?: string; readonly except?: string },
    nowMs: number,
  ): Promise<string[]> {
    const rows = await this.#db
      .updateTable('sessions')
      .set({ revoked_at: nowMs })
      .where('user_id', '=', userId)
      .where('revoked_at', 'is', null)
      .$if(which.only !== undefined, (query) => query.where('id', '=', which.only ?? ''))
      .$if(which.except !== undefined, (query) => query.where('id', '!=', which.except ?? ''))
      .returning('id')
      .execute();
    return rows.map((row) => row.id);
  }

  async revokedSince(ms: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('sessions')
      .select('id')
      .where('revoked_at', '>=', ms)
      .orderBy('revoked_at')
      .execute();
    return rows.map((row) => row.id);
  }

  /** Whose sessions those are. */
  async usersRevokedSince(ms: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('sessions')
      .select('user_id')
      .distinct()
      .where('revoked_at', '>=', ms)
      .execute();
    return rows.map((row) => row.user_id);
  }

  /** Drops what has been over for so long that nobody can need it. */
  async prune(overBeforeMs: number): Promise<void> {
    await this.#db.deleteFrom('sessions').where('expires_at', '<', overBeforeMs).execute();
  }
}
