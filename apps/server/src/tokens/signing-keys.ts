import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '@telex/contract';
import { readIfThere, writePrivateFile } from '../private-file.ts';

export const KEY_NAMES = ['access', 'connection', 'subscription', 'refresh'] as const;
export type KeyName = (typeof KEY_NAMES)[number];
const KEY_BYTES = 32;

/**
 * The server's secrets, each 32 random bytes as text (base64url). `connection` signs connection and
 * notification tokens, since a push server takes both at its door; `refresh` makes refresh tokens.
 */
export type SigningKeys = Readonly<Record<KeyName, string>>;

/** Keys that sign no more, with the times (Unix milliseconds) at which what they have signed counts no more. */
export interface PreviousKeys {
  readonly keys: SigningKeys;
  readonly tokensUntilMs: number;
  readonly refreshUntilMs: number;
}

/** What `keys.json` holds. */
export interface KeySet {
  readonly current: SigningKeys;
  /** The newest first. */
  readonly previous: readonly PreviousKeys[];
}

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
export function loadSigningKeys(dataDir: string): KeySet {
  const known = readSigningKeys(dataDir);
  if (known !== undefined) return known;
  const made = { current: newSigningKeys(), previous: [] };
  writeSigningKeys(dataDir, made);
  return made;
}

/**
 * The keys of the data directory, undefined where there is no `keys.json`.
 * @throws DamagedKeysError
 */
export function readSigningKeys(dataDir: string): KeySet | undefined {
  const file = keyFile(dataDir);
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  const parsed = parseJson(text);
  const set = parsed.ok ? readSet(parsed.value) : undefined;
  if (set === undefined) throw new DamagedKeysError(file);
  return set;
}

/**
 * Gives the keys of the data directory whenever the file is another one than the last time; asking
 * costs microseconds. A file that can't be used is told once.
 */
export function signingKeyChanges(
  dataDir: string,
  failed: (error: unknown) => void,
): () => KeySet | undefined {
  const file = keyFile(dataDir);
  // A rename puts every new file there, so it has another number.
  const stamp = () => {
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat === undefined ? undefined : `${stat.ino} ${stat.mtimeMs}`;
  };
  let last = stamp();
  return () => {
    try {
      const now = stamp();
      if (now === undefined || now === last) return undefined;
      last = now;
      return readSigningKeys(dataDir);
    } catch (error) {
      failed(error);
      return undefined;
    }
  };
}

export function newSigningKeys(): SigningKeys {
  const key = () => randomBytes(KEY_BYTES).toString('base64url');
  return { access: key(), connection: key(), subscription: key(), refresh: key() };
}

/** Writes `keys.json` as a whole or not at all, for its owner only. */
export function writeSigningKeys(dataDir: string, { current, previous }: KeySet): void {
  const old = previous.map(({ keys, tokensUntilMs, refreshUntilMs }) => ({
    ...keys,
    tokens_until: new Date(tokensUntilMs).toISOString(),
    refresh_until: new Date(refreshUntilMs).toISOString(),
  }));
  const content = { ...current, ...(old.length === 0 ? {} : { previous: old }) };
  writePrivateFile(keyFile(dataDir), `${JSON.stringify(content, null, 2)}\n`);
}

function keyFile(dataDir: string): string {
  return join(dataDir, 'keys.json');
}

function readSet(value: unknown): KeySet | undefined {
  const fields = fieldsOf(value);
  const current = readKeys(fields);
  const old = fields?.get('previous') ?? [];
  if (current === undefined || !Array.isArray(old)) return undefined;
  const previous = old.map(readPrevious).filter((one) => one !== undefined);
  return previous.length === old.length ? { current, previous } : undefined;
}

function readPrevious(value: unknown): PreviousKeys | undefined {
  const fields = fieldsOf(value);
  const keys = readKeys(fields);
  const tokensUntilMs = readTime(fields?.get('tokens_until'));
  const refreshUntilMs = readTime(fields?.get('refresh_until'));
  return keys === undefined || tokensUntilMs === undefined || refreshUntilMs === undefined
    ? undefined
    : { keys, tokensUntilMs, refreshUntilMs };
}

function readKeys(fields: ReadonlyMap<string, unknown> | undefined): SigningKeys | undefined {
  const [access, connection, subscription, refresh] = KEY_NAMES.map((name) =>
    readKey(fields?.get(name)),
  );
  return access && connection && subscription && refresh
    ? { access, connection, subscription, refresh }
    : undefined;
}

function readKey(value: unknown): string | undefined {
  return typeof value === 'string' && Buffer.from(value, 'base64url').length === KEY_BYTES
    ? value
    : undefined;
}

function readTime(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
}
