import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OpenDatabase, openDatabase } from './open-database.ts';
import type { Database } from './schema.ts';
import { walCommits } from './wal-commits.ts';

let folder = '';
let database: OpenDatabase;
let flushes: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
let pragmas: string[] = [];
let nowMs = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telex-commits-'));
  database = await openDatabase(join(folder, 'telex.db'), { log: { info() {}, error() {} } });
  flushes = [];
  pragmas = [];
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** Commits whose disk answers when told to. */
function slowDisk() {
  return walCommits({
    db: database.db,
    pragma: (source) => pragmas.push(source),
    nowMs: () => nowMs,
    committed() {},
    flush: () => new Promise((resolve, reject) => flushes.push({ resolve, reject })),
  });
}
const set = (key: string) => (db: Kysely<Database>) =>
  db.insertInto('settings').values({ key, value: '', updated_at: 0 }).execute();
const turns = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('a durable commit', () => {
  test('settles when the disk has it, and others go on meanwhile', async () => {
    const commits = slowDisk();
    let isDone = false;
    const first = commits.durable(set('a')).then(() => {
      isDone = true;
    });
    await turns();
    expect(isDone).toBe(false);
    expect(await database.db.selectFrom('settings').select('key').execute()).toHaveLength(1);
    flushes[0]?.resolve();
    await first;
  });

  test('that comes while the disk is busy shares the next flush with all who wait', async () => {
    const commits = slowDisk();
    const done: string[] = [];
    const all = ['a', 'b', 'c'].map(async (key) => {
      await commits.durable(set(key));
      done.push(key);
    });
    await turns();
    expect(flushes).toHaveLength(1);
    flushes[0]?.resolve();
    await turns();
    expect(done).toEqual(['a']);
    expect(flushes).toHaveLength(2);
    flushes[1]?.resolve();
    await Promise.all(all);
    expect(done).toEqual(['a', 'b', 'c']);
  });

  test('fails when the disk does, and the next one flushes again', async () => {
    const commits = slowDisk();
    const first = commits.durable(set('a'));
    const failed = expect(first).rejects.toThrow('EIO');
    await turns();
    flushes[0]?.reject(new Error('EIO'));
    await failed;
    const later = commits.onDisk();
    flushes[1]?.resolve();
    await later;
  });

  test('leaves every other commit waiting for the disk itself, also when the work fails', async () => {
    const commits = slowDisk();
    await expect(
      commits.durable(async (db) => {
        await set('a')(db);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(pragmas).toEqual(['synchronous = NORMAL', 'synchronous = FULL']);
    expect(await database.db.selectFrom('settings').select('key').execute()).toEqual([]);
    expect(flushes).toEqual([]);
  });

  test('that is alone is flushed by its commit on a quick disk, and beside the event loop on a slow one', async () => {
    const commits = slowDisk();
    await commits.durable(set('a'), true);
    expect(flushes).toEqual([]);
    expect(pragmas).toEqual([]);
    const shared = commits.durable(set('b'));
    await turns();
    nowMs += 3;
    flushes[0]?.resolve();
    await shared;
    const alone = commits.durable(set('c'), true);
    await turns();
    expect(flushes).toHaveLength(2);
    flushes[1]?.resolve();
    await alone;
    await commits.durable(set('d'), true);
    expect(flushes).toHaveLength(2);
  });

  test('on a real disk puts the connection back to waiting', async () => {
    const inside = await database.commits.durable((db) =>
      sql<{ synchronous: number }>`pragma synchronous`.execute(db),
    );
    expect(inside.rows).toEqual([{ synchronous: 1 }]);
    await database.commits.durable(set('a'));
    const after = await sql<{ synchronous: number }>`pragma  synchronous`.execute(database.db);
    expect(after.rows).toEqual([{ synchronous: 2 }]);
  });
});

describe('what is on disk', () => {
  test('is known at once when nothing was committed since', async () => {
    const commits = slowDisk();
    await commits.onDisk();
    expect(flushes).toEqual([]);
  });

  test('is waited for after a commit that did not wait', async () => {
    const commits = slowDisk();
    await commits.relaxed(set('a'));
    expect(flushes).toEqual([]);
    const known = commits.onDisk();
    expect(flushes).toHaveLength(1);
    flushes[0]?.resolve();
    await known;
  });
});
