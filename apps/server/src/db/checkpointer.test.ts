import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Checkpointer, checkpointer } from './checkpointer.ts';
import { openDatabase } from './open-database.ts';

let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telex-checkpoint-'));
  file = join(folder, 'telex.db');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the checkpointer', () => {
  test('copies the log into the database while it is being written', async () => {
    const { db, commits, close } = await openDatabase(file, { log: { info() {}, error() {} } });
    const before = (await stat(file)).size;
    const value = 'x'.repeat(4000);
    for (let number = 0; (await stat(file)).size === before; number += 1) {
      await commits.durable((transaction) =>
        transaction
          .insertInto('settings')
          .values({ key: `key ${number}`, value, updated_at: 0 })
          .execute(),
      );
      // Far below the pages at which SQLite would do it by itself.
      expect(number).toBeLessThan(5_000);
    }
    const { length } = await db.selectFrom('settings').select('key').execute();
    expect(length).toBeGreaterThan(60);
    await close();
  });

  test('says when its thread fails, and can be closed all the same', async () => {
    let broken: Checkpointer | undefined;
    const failure = await new Promise((resolve) => {
      broken = checkpointer(join(folder, 'no such folder', 'telex.db'), resolve, 2);
      broken.committed();
      broken.committed();
    });
    expect(String(failure)).toMatch(/directory|open/);
    await broken?.close();
    await broken?.close();
  });
});
