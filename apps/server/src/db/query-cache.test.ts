import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OpenDatabase, openDatabase } from './open-database.ts';
import { createQueryCache } from './query-cache.ts';

let folder = '';
let database: OpenDatabase;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telex-queries-'));
  database = await openDatabase(join(folder, 'telex.db'), { log: { info() {}, error() {} } });
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the query cache', () => {
  test('builds a query once and runs it with the parameters of each time', async () => {
    const queries = createQueryCache().on(database.db);
    let built = 0;
    const insert = (key: string) =>
      queries.run('insert setting', [key, 'v', 1], () => {
        built += 1;
        return database.db.insertInto('settings').values({ key, value: 'v', updated_at: 1 });
      });
    for (const key of ['a', 'b', 'c']) await insert(key);
    const kept = await database.db.selectFrom('settings').select('key').execute();
    expect(kept.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    expect(built).toBe(1);
  });

  test('refuses parameters in another order than that of the query', async () => {
    const queries = createQueryCache().on(database.db);
    await expect(
      queries.run('insert setting', ['v', 'a', 1], () =>
        database.db.insertInto('settings').values({ key: 'a', value: 'v', updated_at: 1 }),
      ),
    ).rejects.toThrow('not in its order');
  });
});
