import type { InsertQueryBuilder, InsertResult } from 'kysely';
import type { Queries } from './query-cache.ts';
import type { Database, NewRow } from './schema.ts';

type Insert<Table extends keyof Database> = InsertQueryBuilder<Database, Table, InsertResult>;

/** Inserts rows, all with the same columns in the same order, in one statement; none: does nothing. */
export async function insertRows<Table extends keyof Database>(
  queries: Queries,
  table: Table,
  rows: readonly NewRow<Table>[],
  onConflict: (insert: Insert<Table>) => Insert<Table> = (insert) => insert,
): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const parameters = rows.flatMap((row) => Object.values(row));
  await queries.run(`insert ${rows.length} ${table} ${Object.keys(first)}`, parameters, () =>
    onConflict(queries.db.insertInto(table).values(rows)),
  );
}
