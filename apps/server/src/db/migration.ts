import type { QueryExecutorProvider, SchemaModule } from 'kysely';

/**
 * What a migration may use: the schema builder, and `sql` for data. Not the row types, which are
 * those of today and not of the tables as they were then.
 */
export interface MigrationDatabase extends QueryExecutorProvider {
  readonly schema: SchemaModule;
}

/** One numbered step of the schema. A shipped one is never changed. */
export interface Migration {
  /** 1, 2, 3 …, without a gap. */
  readonly number: number;
  readonly name: string;
  readonly up: (db: MigrationDatabase) => Promise<void>;
}
