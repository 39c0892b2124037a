import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseJson } from '@telex/contract';
import { readIfThere, writePrivateFile } from '../private-file.ts';

const NAMES = ['access', 'connection', 'subscription', 'refresh'] as const;
const KEY_BYTES = 32;

/**
 * The server's secrets, each made of 32 random bytes. `connection` signs connection and notification
 * tokens, since a push server takes both at its door; `refresh` makes refresh tokens.
 *
 * `connection` and `subscription` are the bytes of the text in the file (base64url), not what it
 * decodes to: Centrifugo takes an HMAC secret as a text, and random bytes are none.
 */
export type SigningKeys = { readonly [Name in (typeof NAMES)[number]]: Uint8Array<ArrayBuffer> };

export class DamagedKeysError extends Error {
  override readonly name = 'DamagedKeysError';
  constructor(file: string) {
    super(
      `${file} does not hold the signing keys. Restore it from a backup, or delete it: ` +
        'then new keys are made and everyone logs in again.',
    );
  }
}

/**
 * The keys of the data directory, made at the first start (`keys.json`, 0600).
 * @throws DamagedKeysError
 */
export function loadSigningKeys(dataDir: string): SigningKeys {
  const file = join(dataDir, 'keys.json');
  const text = readIfThere(file);
  if (text === undefined) {
    const made = Object.fromEntries(
      NAMES.map((name) => [name, randomBytes(KEY_BYTES).toString('base64url')]),
    );
    writePrivateFile(file, `${JSON.stringify(made, null, 2)}\n`);
    return keysOf(made, file);
  }
  const parsed = parseJson(text);
  return keysOf(parsed.ok ? parsed.value : undefined, file);
}

function keysOf(value: unknown, file: string): SigningKeys {
  if (typeof value !== 'object' || value === null) throw new DamagedKeysError(file);
  const entries = new Map<string, unknown>(Object.entries(value));
  const read = (name: (typeof NAMES)[number]) => {
    const encoded = entries.get(name);
    const text = typeof encoded === 'string' ? encoded : '';
    const key = Uint8Array.from(Buffer.from(text, 'base64url'));
    if (key.length !== KEY_BYTES) throw new DamagedKeysError(file);
    return { key, text: Uint8Array.from(Buffer.from(text, 'utf8')) };
  };
  return {
    access: read('access').key,
    connection: read('connection').text,
    subscription: read('subscription').text,
    refresh: read('refresh').key,
  };
}
