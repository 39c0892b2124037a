import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSigningKeys } from './signing-keys.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telex-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the signing keys', () => {
  it('are made once, for the owner only, and read again the same', () => {
    const made = loadSigningKeys(folder);
    expect(loadSigningKeys(folder)).toEqual(made);
    expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600);
  });

  it('of push tokens are the text in the file, as Centrifugo takes a secret', () => {
    const { connection, subscription } = loadSigningKeys(folder);
    const texts: Record<string, string> = JSON.parse(
      readFileSync(join(folder, 'keys.json'), 'utf8'),
    );
    expect(Buffer.from(connection).toString('utf8')).toBe(texts.connection);
    expect(Buffer.from(subscription).toString('utf8')).toBe(texts.subscription);
  });
});
