import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Kysely, SqliteDialect, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { databaseVersion, migrate, NewerDatabaseError } from './migrate.ts';
import type { Migration } from './migration.ts';
import { migrations } from './migrations.ts';
import { openDatabase } from './open-database.ts';
import type { Database } from './schema.ts';

const log = { info() {}, error() {} };
let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telex-db-'));
  file = join(folder, 'telex.db');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function bare(): Kysely<Database> {
  return new Kysely<Database>({ dialect: new SqliteDialect({ database: new Sqlite(file) }) });
}

/** Name and definition of every table and index. */
async function shape(db: Kysely<Database>): Promise<unknown> {
  const { rows } = await sql`select name, sql from sqlite_master order by name`.execute(db);
  return rows;
}

describe('a database', () => {
  test('is made from nothing at the newest version', async () => {
    const { db, close } = await openDatabase(file, { log });
    expect(await databaseVersion(db)).toBe(migrations.length);
    await close();
  });

  test('is brought from every earlier version to the same shape, with its rows kept', async () => {
    const fresh = await openDatabase(join(folder, 'fresh.db'), { log });
    const wanted = await shape(fresh.db);
    await fresh.close();
    for (let version = 0; version < migrations.length; version += 1) {
      await rm(file, { force: true });
      const old = bare();
      await migrate(old, migrations.slice(0, version), { now: () => 1 });
      if (version > 0) {
        await old
          .insertInto('settings')
          .values({ key: 'kept', value: `${version}`, updated_at: 1 })
          .execute();
      }
      await old.destroy();
      const { db, close } = await openDatabase(file, { log });
      expect(await shape(db)).toEqual(wanted);
      const kept = await db.selectFrom('settings').select('value').execute();
      expect(kept).toEqual(version > 0 ? [{ value: `${version}` }] : []);
      await close();
    }
  });

  test('of a newer program is refused with what to do, and left as it is', async () => {
    const newer: Migration = { number: migrations.length + 1, name: 'later', async up() {} };
    const old = bare();
    await migrate(old, [...migrations, newer], { now: () => 1 });
    await old.destroy();
    await expect(openDatabase(file, { log })).rejects.toThrow(NewerDatabaseError);
    await expect(openDatabase(file, { log })).rejects.toThrow(/Install the newer program/);
    const db = bare();
    expect(await databaseVersion(db)).toBe(newer.number);
    await db.destroy();
  });

  test('stays at the version before when a migration fails half way', async () => {
    const db = bare();
    const broken: Migration = {
      number: migrations.length + 1,
      name: 'broken',
      async up(inside) {
        await inside.schema.createTable('half').addColumn('a', 'text').execute();
        throw new Error('power cut');
      },
    };
    const steps = [...migrations, broken];
    await expect(migrate(db, steps, { now: () => 1 })).rejects.toThrow('power cut');
    expect(await databaseVersion(db)).toBe(migrations.length);
    const left = await sql`select name from sqlite_master where name = 'half'`.execute(db);
    expect(left.rows).toEqual([]);
    await db.destroy();
  });

  test('waits for the disk at every commit and refuses a row without its parent', async () => {
    const { db, close } = await openDatabase(file, { log });
    const pragma = async (name: string) =>
      Object.values((await sql.raw<object>(`pragma ${name}`).execute(db)).rows[0] ?? {})[0];
    expect(await pragma('journal_mode')).toBe('wal');
    expect(await pragma('synchronous')).toBe(2);
    expect(await pragma('foreign_keys')).toBe(1);
    const orphan = {
      id: 'c',
      organisation_id: 'none',
      name: 'x',
      owner_id: 'none',
      created_at: 1,
      updated_at: 1,
    };
    await expect(db.insertInto('channels').values(orphan).execute()).rejects.toThrow(/FOREIGN KEY/);
    await close();
    await close();
  });
});

test('migrations are numbered from 1 without a gap', () => {
  expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1));
});
