import { createPublicKey } from 'node:crypto';
import { type FetchText, fetchText } from './fetch-text.ts';
import { isAlgorithm, type VerifyingKey, verifyingKey } from './jws-algorithms.ts';
import { isObject, readClaims } from './jwt-text.ts';
import { TokenKeyError } from './token-key-error.ts';

export interface JwksOptions {
  /** Address of a JSON Web Key Set (RFC 7517 §5), http or https. */
  readonly endpoint: string;
  /** How long fetched keys count, by default an hour. Fetched again after half of it. */
  readonly ttlMs?: number;
  /** Least time from one fetch to the next, by default 5 s: tokens with invented key ids cost no more. */
  readonly minFetchGapMs?: number;
  /** Monotonic milliseconds; by default the system's. */
  readonly nowMs?: () => number;
  /** How the address is asked; by default with `fetch`, twice at most, a second each. */
  readonly fetchText?: FetchText;
}

/** `none`: there is no such key. `unknown`: that can't be said now. */
export type Found = VerifyingKey | 'none' | 'unknown';

const TTL_MS = 3_600_000;
const MIN_FETCH_GAP_MS = 5_000;
const MAX_KEYS = 100;
const MAX_MISSING = 1_000;
const MAX_KID_CHARACTERS = 256;

/**
 * Public keys from an address, by key id. All are replaced with each fetch, so that a key which is
 * published no more counts no more. Fetches in flight are shared; a failed one leaves the keys as they are.
 */
export class Jwks {
  readonly #endpoint: string;
  readonly #ttlMs: number;
  readonly #minFetchGapMs: number;
  readonly #nowMs: () => number;
  readonly #fetchText: FetchText;
  #keys: ReadonlyMap<string, VerifyingKey> = new Map();
  #fetchedMs = Number.NEGATIVE_INFINITY;
  #triedMs = Number.NEGATIVE_INFINITY;
  /** Asked for and not in the last set, so that they are refused for good, not put off. */
  readonly #missing = new Set<string>();
  #fetching: Promise<boolean> | undefined;

  /** @throws TokenKeyError */
  constructor(options: JwksOptions) {
    this.#endpoint = checkEndpoint(options.endpoint);
    this.#ttlMs = options.ttlMs ?? TTL_MS;
    this.#minFetchGapMs = options.minFetchGapMs ?? MIN_FETCH_GAP_MS;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#fetchText = options.fetchText ?? fetchText;
  }

  /** Never rejects. At once for a key that is known, which is all but the first token of each. */
  find(kid: string): Found | Promise<Found> {
    if (kid === '' || kid.length > MAX_KID_CHARACTERS) return 'none';
    const ageMs = this.#nowMs() - this.#fetchedMs;
    const mayFetch = this.#nowMs() - this.#triedMs >= this.#minFetchGapMs;
    const key = ageMs < this.#ttlMs ? this.#keys.get(kid) : undefined;
    if (key !== undefined) {
      if (ageMs >= this.#ttlMs / 2 && mayFetch) void this.#fetch();
      return key;
    }
    if (this.#fetching === undefined && !mayFetch) {
      return this.#missing.has(kid) ? 'none' : 'unknown';
    }
    return this.#fetch().then((isFetched) => (isFetched ? this.#fetched(kid) : 'unknown'));
  }

  #fetched(kid: string): Found {
    const key = this.#keys.get(kid);
    if (key !== undefined) return key;
    if (this.#missing.size < MAX_MISSING) this.#missing.add(kid);
    return 'none';
  }

  /** Whether a new set is there. Never rejects. */
  #fetch(): Promise<boolean> {
    this.#fetching ??= this.#fetchSet().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchSet(): Promise<boolean> {
    const startMs = this.#nowMs();
    this.#triedMs = startMs;
    try {
      const keys = readKeySet(await this.#fetchText(this.#endpoint));
      if (keys === undefined) return false;
      this.#keys = keys;
      this.#fetchedMs = startMs;
      this.#missing.clear();
      return true;
    } catch {
      return false;
    }
  }
}

/** The keys of a set that tokens may be signed with; undefined for a text that is no set. */
export function readKeySet(text: string): ReadonlyMap<string, VerifyingKey> | undefined {
  const set = readClaims(text)?.keys;
  if (!Array.isArray(set)) return undefined;
  const keys = new Map<string, VerifyingKey>();
  for (const entry of set.slice(0, MAX_KEYS)) {
    const { kid, key } = readKey(entry) ?? {};
    if (kid !== undefined && key !== undefined) keys.set(kid, key);
  }
  return keys;
}

/** As Centrifugo, only keys with `use: "sig"`. A secret has no business in a set that anyone may read. */
function readKey(entry: unknown): { kid: string; key: VerifyingKey } | undefined {
  if (!isObject(entry)) return undefined;
  const { kid, use, kty, alg } = entry;
  if (typeof kid !== 'string' || use !== 'sig' || typeof kty !== 'string') return undefined;
  const key = publicKey(entry);
  if (key === undefined) return undefined;
  if (alg === undefined) return { kid, key };
  if (!isAlgorithm(alg) || !key.algorithms.has(alg)) return undefined;
  return { kid, key: { key: key.key, algorithms: new Set([alg]) } };
}

function publicKey(jwk: Readonly<Record<string, unknown>>): VerifyingKey | undefined {
  try {
    return verifyingKey(createPublicKey({ key: { ...jwk }, format: 'jwk' }));
  } catch {
    return undefined;
  }
}

function checkEndpoint(endpoint: string): string {
  const isTemplate = endpoint.includes('{{');
  const protocol = URL.canParse(endpoint) ? new URL(endpoint).protocol : '';
  if (isTemplate || !['http:', 'https:'].includes(protocol)) {
    throw new TokenKeyError('bad_endpoint', 'jwks.endpoint');
  }
  return endpoint;
}
