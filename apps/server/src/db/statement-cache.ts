import type { SqliteDatabase, SqliteStatement } from 'kysely';

/** Enough for every query of the program; what is built from lists of many lengths comes and goes. */
const MAX_STATEMENTS = 500;

/** What the cache needs of better-sqlite3. */
export interface Preparer {
  prepare(sql: string): SqliteStatement;
  close(): void;
}

/**
 * Keeps prepared statements by their text, the least recently used leaving first: preparing costs
 * several times what running a small statement does. Streaming is not supported, since a statement
 * that is being iterated cannot be run a second time.
 */
export function cacheStatements(database: Preparer): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    prepare(sql) {
      const known = statements.get(sql);
      if (known !== undefined) {
        statements.delete(sql);
        statements.set(sql, known);
        return known;
      }
      // One connection and one writer: taking the write lock at once spares an upgrade that
      // could fail as busy when an operator's tool has the database open.
      const statement = database.prepare(sql === 'begin' ? 'begin immediate' : sql);
      statements.set(sql, statement);
      if (statements.size > MAX_STATEMENTS) {
        const oldest = statements.keys().next().value;
        if (oldest !== undefined) statements.delete(oldest);
      }
      return statement;
    },
    close() {
      statements.clear();
      database.close();
    },
  };
}
