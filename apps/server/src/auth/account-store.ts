import { type Kysely, sql } from 'kysely';
import type { Database, NewRow, Row } from '../db/schema.ts';

/** The users table. E-mail addresses are kept in lower case. */
export class AccountStore {
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  byEmail(email: string): Promise<Row<'users'> | undefined> {
    return this.#db
      .selectFrom('users')
      .selectAll()
      .where('email', '=', normalEmail(email))
      .where('deactivated_at', 'is', null)
      .executeTakeFirst();
  }

  byId(id: string): Promise<Row<'users'> | undefined> {
    return this.#db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** Inserts unless e-mail or username is taken, decided in the same transaction. */
  insert(user: NewRow<'users'>): Promise<'inserted' | 'email_taken' | 'username_taken'> {
    return this.#db.transaction().execute(async (transaction) => {
      const taken = await transaction
        .selectFrom('users')
        .select('email')
        .where((eb) =>
          eb.or([
            eb('email', '=', user.email),
            eb(sql`lower(username)`, '=', user.username.toLowerCase()),
          ]),
        )
        .execute();
      if (taken.some(({ email }) => email === user.email)) return 'email_taken';
      if (taken.length > 0) return 'username_taken';
      await transaction.insertInto('users').values(user).execute();
      return 'inserted';
    });
  }

  async setPassword(id: string, passwordHash: string, nowMs: number): Promise<void> {
    await this.#db
      .updateTable('users')
      .set({ password_hash: passwordHash, updated_at: nowMs })
      .where('id', '=', id)
      .execute();
  }
}

export function normalEmail(email: string): string {
  return email.trim().toLowerCase();
}
