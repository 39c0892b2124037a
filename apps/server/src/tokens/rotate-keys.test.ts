import { describe, expect, it } from 'vitest';
import { rotateKeys, TELLING_MS } from './rotate-keys.ts';
import { type KeySet, newSigningKeys } from './signing-keys.ts';

const NOW_MS = 1_800_000_000_000;
const options = { nowMs: NOW_MS, tokenLifeS: 900, sessionLifeS: 604_800, dropOld: false };

function rotated(set: KeySet, nowMs: number, dropOld = false): KeySet {
  const rotation = rotateKeys(set, newSigningKeys(), { ...options, nowMs, dropOld });
  if (!rotation.ok) throw new Error(`not before ${rotation.notBeforeMs}`);
  return rotation.set;
}

describe('rotating the signing keys', () => {
  const first: KeySet = { current: newSigningKeys(), previous: [] };

  it('keeps the old keys until what they may still sign has run out', () => {
    const second = rotated(first, NOW_MS);
    expect(second.current).not.toEqual(first.current);
    expect(second.previous).toEqual([
      {
        keys: first.current,
        tokensUntilMs: NOW_MS + TELLING_MS + 900_000,
        refreshUntilMs: NOW_MS + TELLING_MS + 604_800_000,
      },
    ]);
  });

  it('waits until the tokens of the rotation before have run out', () => {
    const second = rotated(first, NOW_MS);
    const end = NOW_MS + TELLING_MS + 900_000;
    const early = rotateKeys(second, newSigningKeys(), { ...options, nowMs: end - 1 });
    expect(early).toEqual({ ok: false, notBeforeMs: end });
    const third = rotated(second, end);
    expect(third.previous.map(({ keys }) => keys)).toEqual([second.current, first.current]);
  });

  it('forgets keys whose refresh tokens have run out', () => {
    const second = rotated(first, NOW_MS);
    const late = NOW_MS + TELLING_MS + 604_800_000;
    expect(rotated(second, late).previous.map(({ keys }) => keys)).toEqual([second.current]);
  });

  it('drops the old keys at once when that is asked for, however soon', () => {
    const second = rotated(first, NOW_MS);
    expect(rotated(second, NOW_MS, true).previous).toEqual([]);
  });
});
