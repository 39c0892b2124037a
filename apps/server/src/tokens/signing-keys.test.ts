import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyRing } from './key-ring.ts';
import {
  DamagedKeysError,
  loadSigningKeys,
  newSigningKeys,
  readSigningKeys,
  writeSigningKeys,
} from './signing-keys.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telex-keys-'));
  file = join(folder, 'keys.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const rotated = () => ({
  current: newSigningKeys(),
  previous: [
    { keys: newSigningKeys(), tokensUntilMs: 1_800_000_000_000, refreshUntilMs: 1_900_000_000_000 },
  ],
});

describe('the signing keys', () => {
  it('are made once, for the owner only, and read again the same', () => {
    const made = loadSigningKeys(folder);
    expect(made.previous).toEqual([]);
    expect(loadSigningKeys(folder)).toEqual(made);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('are not made by reading alone', () => {
    expect(readSigningKeys(folder)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keep those before them, with their ends, in the same file', () => {
    const set = rotated();
    writeSigningKeys(folder, set);
    expect(loadSigningKeys(folder)).toEqual(set);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['keys.json']);
    expect(JSON.parse(readFileSync(file, 'utf8')).previous[0].tokens_until).toBe(
      '2027-01-15T08:00:00.000Z',
    );
  });

  it('of push tokens are the text in the file, as Centrifugo takes a secret', () => {
    const set = loadSigningKeys(folder);
    const ring = new KeyRing(set);
    for (const name of ['connection', 'subscription'] as const) {
      expect(ring.of(name)[0].key.export().toString('utf8')).toBe(set.current[name]);
    }
    expect(ring.of('access')[0].key.export().toString('base64url')).toBe(set.current.access);
  });

  it.each([
    ['no JSON', () => 'no JSON'],
    ['a key too short', () => JSON.stringify({ ...newSigningKeys(), access: 'short' })],
    ['a key missing', () => JSON.stringify({ ...newSigningKeys(), refresh: undefined })],
    ['previous keys that are no list', () => JSON.stringify({ ...newSigningKeys(), previous: {} })],
    [
      'previous keys without an end',
      () => JSON.stringify({ ...newSigningKeys(), previous: [newSigningKeys()] }),
    ],
    [
      'an end that is no time',
      () => {
        const until = { tokens_until: 'soon', refresh_until: '2027-01-15T08:00:00.000Z' };
        return JSON.stringify({
          ...newSigningKeys(),
          previous: [{ ...newSigningKeys(), ...until }],
        });
      },
    ],
  ])('are damaged by %s, which is told without any key', (_what, content) => {
    const text = content();
    writeFileSync(file, text);
    expect(() => loadSigningKeys(folder)).toThrow(DamagedKeysError);
    expect(readFileSync(file, 'utf8')).toBe(text);
    try {
      readSigningKeys(folder);
    } catch (error) {
      expect(String(error)).toMatch(/^DamagedKeysError: .*keys\.json does not hold/);
      expect(String(error)).not.toMatch(/[A-Za-z0-9_-]{43}/);
    }
  });
});
