import { describe, expect, test } from 'vitest';
import { uuidV7Source } from './uuid-v7.ts';

describe('a UUIDv7 source', () => {
  test('makes ids with version, variant and time', () => {
    const next = uuidV7Source({ now: () => 0x0198f3a01111 });
    expect(next()).toMatch(/^0198f3a0-1111-7000-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('makes ids that sort in the order they were made, whatever the clock does', () => {
    const times = [5, 5, 5, 3, 9, 9, 2, 10];
    let step = 0;
    const next = uuidV7Source({ now: () => times[step++ % times.length] ?? 0 });
    const ids = Array.from({ length: 20_000 }, next);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
