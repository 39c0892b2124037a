import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { Jwks, type JwksOptions } from './jwks.ts';
import {
  type Algorithm,
  isAlgorithm,
  isSignedWith,
  type VerifyingKey,
  verifyingKey,
} from './jws-algorithms.ts';
import type { JwtText } from './jwt-text.ts';
import { TokenKeyError } from './token-key-error.ts';

/** Keys that sign one kind of token, as in Centrifugo's `client.token` (centrifugo.md §5). */
export interface TokenKeys {
  /** For HS256, HS384 and HS512. */
  readonly hmacSecret?: string | Uint8Array;
  /** The secret before, still good while tokens signed with it are about. */
  readonly hmacPreviousSecret?: string | Uint8Array;
  /** Unix seconds, the last at which the previous secret counts; 0 or absent: no end. */
  readonly hmacPreviousSecretValidUntil?: number;
  /** PEM of a public key or a certificate, for RS256, RS384 and RS512. */
  readonly rsaPublicKey?: string;
  /** PEM, for ES256, ES384 or ES512 by its curve. */
  readonly ecdsaPublicKey?: string;
  /** PEM, for EdDSA. */
  readonly ed25519PublicKey?: string;
  /** Keys published at an address. The others count no more then. */
  readonly jwks?: JwksOptions;
}

/** `unknown`: the keys can't be had now. */
export type Signature = 'good' | 'bad' | 'unknown';

export type CheckSignature = (jwt: JwtText) => Signature | Promise<Signature>;

/**
 * Checks signatures with these keys. What a key may be used for follows from the key, never from the
 * token: an HMAC made with the text of a public key is no signature of that key.
 * @throws TokenKeyError
 */
export function signatureCheck(keys: TokenKeys, unixMs: () => number): CheckSignature {
  if (keys.jwks !== undefined) return checkWithJwks(new Jwks(keys.jwks));
  const until = keys.hmacPreviousSecretValidUntil ?? 0;
  const all: readonly [VerifyingKey | undefined, validUntil: number][] = [
    [secret('hmacSecret', keys.hmacSecret), 0],
    [secret('hmacPreviousSecret', keys.hmacPreviousSecret), until],
    [publicKey('rsaPublicKey', keys.rsaPublicKey, 'RS256'), 0],
    [publicKey('ecdsaPublicKey', keys.ecdsaPublicKey, 'ES256', 'ES384', 'ES512'), 0],
    [publicKey('ed25519PublicKey', keys.ed25519PublicKey, 'EdDSA'), 0],
  ];
  const usable = new Map<Algorithm, { readonly key: KeyObject; readonly validUntil: number }[]>();
  for (const [known, validUntil] of all) {
    for (const algorithm of known?.algorithms ?? []) {
      const others = usable.get(algorithm) ?? [];
      if (known !== undefined) usable.set(algorithm, [...others, { key: known.key, validUntil }]);
    }
  }
  return ({ head: { alg }, signed, signature }) => {
    if (!isAlgorithm(alg)) return 'bad';
    for (const { key, validUntil } of usable.get(alg) ?? []) {
      const counts = validUntil === 0 || Math.floor(unixMs() / 1000) <= validUntil;
      if (counts && isSignedWith(key, alg, signed, signature)) return 'good';
    }
    return 'bad';
  };
}

function checkWithJwks(jwks: Jwks): CheckSignature {
  return ({ head: { alg, kid }, signed, signature }) => {
    if (!isAlgorithm(alg) || typeof kid !== 'string') return 'bad';
    const check = (found: VerifyingKey | 'none' | 'unknown'): Signature => {
      if (found === 'unknown') return 'unknown';
      const isOurs =
        found !== 'none' &&
        found.algorithms.has(alg) &&
        isSignedWith(found.key, alg, signed, signature);
      return isOurs ? 'good' : 'bad';
    };
    const found = jwks.find(kid);
    return found instanceof Promise ? found.then(check) : check(found);
  };
}

function secret(name: string, value: string | Uint8Array | undefined): VerifyingKey | undefined {
  if (value === undefined) return undefined;
  if (value.length === 0) throw new TokenKeyError('empty_secret', name);
  return verifyingKey(
    typeof value === 'string' ? createSecretKey(value, 'utf8') : createSecretKey(value),
  );
}

function publicKey(
  name: string,
  pem: string | undefined,
  ...wanted: readonly Algorithm[]
): VerifyingKey | undefined {
  if (pem === undefined) return undefined;
  // Node would take the public half of a private key, which has no business here.
  if (pem.includes('PRIVATE KEY')) throw new TokenKeyError('private_key', name);
  const key = verifyingKey(readPem(name, pem));
  if (!wanted.some((algorithm) => key.algorithms.has(algorithm))) {
    throw new TokenKeyError('wrong_kind_of_key', name);
  }
  return key;
}

function readPem(name: string, pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch {
    throw new TokenKeyError('no_public_key', name);
  }
}
