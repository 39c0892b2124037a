import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeLock } from './lock-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telex-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a lock between processes', () => {
  test('shared ones go together, and keep an exclusive one out until the last is released', () => {
    const file = join(folder, 'a.lock');
    const one = takeLock(file, 'shared', 0);
    const other = takeLock(file, 'shared', 0);
    expect([one, other]).not.toContain(undefined);
    expect(takeLock(file, 'exclusive', 0)).toBeUndefined();
    one?.release();
    expect(takeLock(file, 'exclusive', 0)).toBeUndefined();
    other?.release();
    const alone = takeLock(file, 'exclusive', 0);
    expect(alone).toBeDefined();
    expect(takeLock(file, 'shared', 0)).toBeUndefined();
    alone?.release();
    alone?.release();
  });

  test('a file that cannot be one is an error, not "held by others"', () => {
    expect(() => takeLock(join(folder, 'missing', 'a.lock'), 'shared', 0)).toThrow();
  });
});
