import { describe, expect, test } from 'vitest';
import { cacheStatements } from './statement-cache.ts';

function fakeDatabase() {
  const prepared: string[] = [];
  return {
    prepared,
    prepare(sql: string) {
      prepared.push(sql);
      return {
        reader: true,
        all: () => [],
        run: () => ({ changes: 0, lastInsertRowid: 0 }),
        iterate: () => [][Symbol.iterator](),
      };
    },
    close() {},
  };
}

describe('the statement cache', () => {
  test('prepares a query once', () => {
    const database = fakeDatabase();
    const cache = cacheStatements(database);
    expect(cache.prepare('select 1')).toBe(cache.prepare('select 1'));
    expect(database.prepared).toEqual(['select 1']);
  });

  test('lets the least recently used go, so that it is bounded', () => {
    const database = fakeDatabase();
    const cache = cacheStatements(database);
    for (let index = 0; index < 500; index += 1) cache.prepare(`select ${index}`);
    cache.prepare('select 0');
    cache.prepare('select 500');
    cache.prepare('select 0');
    expect(database.prepared).toHaveLength(501);
    cache.prepare('select 1');
    expect(database.prepared).toHaveLength(502);
  });

  test('begins a transaction with the write lock', () => {
    const database = fakeDatabase();
    cacheStatements(database).prepare('begin');
    expect(database.prepared).toEqual(['begin immediate']);
  });
});
