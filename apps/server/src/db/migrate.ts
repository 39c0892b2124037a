import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';
import type { Database } from './schema.ts';

/** The database was written by a newer program than this one. Nothing has been changed. */
export class NewerDatabaseError extends Error {
  override readonly name = 'NewerDatabaseError';
  constructor(found: number, known: number) {
    super(
      `The database is at version ${found}, but this program knows only ${known}. ` +
        'Install the newer program again, or restore a backup made before it ran.',
    );
  }
}

export interface MigrateOptions {
  readonly now: () => number;
  readonly applied?: (migration: Migration) => void;
}

/**
 * Brings a database to the newest version, each migration in a transaction of its own, so that a
 * crash leaves the version before or after, never between.
 * @throws NewerDatabaseError
 */
export async function migrate(
  db: Kysely<Database>,
  migrations: readonly Migration[],
  options: MigrateOptions,
): Promise<void> {
  await db.schema
    .createTable('schema_migrations')
    .ifNotExists()
    .addColumn('number', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
  const version = await databaseVersion(db);
  if (version > migrations.length) throw new NewerDatabaseError(version, migrations.length);
  for (const migration of migrations.slice(version)) {
    await db.transaction().execute(async (transaction) => {
      await migration.up(transaction);
      await transaction
        .insertInto('schema_migrations')
        .values({ number: migration.number, name: migration.name, applied_at: options.now() })
        .execute();
    });
    options.applied?.(migration);
  }
}

/** Number of the newest migration applied; 0 for an empty database. */
export async function databaseVersion(db: Kysely<Database>): Promise<number> {
  const row = await db
    .selectFrom('schema_migrations')
    .select((eb) => eb.fn.max('number').as('version'))
    .executeTakeFirst();
  return row?.version ?? 0;
}
