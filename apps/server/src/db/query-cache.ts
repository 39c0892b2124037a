import type { Compilable, CompiledQuery, Kysely } from 'kysely';
import type { Database } from './schema.ts';

/** Queries on one connection or transaction. */
export interface Queries {
  readonly db: Kysely<Database>;
  /**
   * Runs a query with these parameters, building it only where `name` is new. The name stands for
   * one SQL text, so it holds whatever the text depends on, such as a number of rows.
   * @throws Error when the parameters are not in the order of a query that is built.
   */
  run<Row>(
    name: string,
    parameters: readonly unknown[],
    build: () => Compilable<Row>,
  ): Promise<readonly Row[]>;
}

/** Keeps what was built, for the queries on a message's way: building costs more than running. */
export interface QueryCache {
  on(db: Kysely<Database>): Queries;
}

export function createQueryCache(): QueryCache {
  const known = new Map<string, CompiledQuery<unknown>>();
  return {
    on: (db) => ({
      db,
      async run<Row>(
        name: string,
        parameters: readonly unknown[],
        build: () => Compilable<Row>,
      ): Promise<readonly Row[]> {
        let compiled = known.get(name);
        if (compiled === undefined) {
          compiled = build().compile();
          if (!isSame(compiled.parameters, parameters)) {
            throw new Error(`the parameters of the query "${name}" are not in its order`);
          }
          known.set(name, compiled);
        }
        const query = { ...compiled, parameters } as CompiledQuery<Row>;
        const { rows } = await db.executeQuery<Row>(query);
        return rows;
      },
    }),
  };
}

/** For what is rare: nothing is kept. */
export function queriesOn(db: Kysely<Database>): Queries {
  return createQueryCache().on(db);
}

function isSame(built: readonly unknown[], given: readonly unknown[]): boolean {
  return built.length === given.length && built.every((value, index) => value === given[index]);
}
