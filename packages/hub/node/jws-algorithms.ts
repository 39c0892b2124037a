/** Checking signatures (RFC 7515, RFC 7518 §3, RFC 8037 §3.1), synchronously: a connect waits for two of them. */
import { createHmac, type KeyObject, timingSafeEqual, verify } from 'node:crypto';

interface AlgorithmRow {
  /** What the key must be: a secret, or a public key of this kind or curve (`asymmetricKeyDetails`). */
  readonly key: 'secret' | 'rsa' | 'prime256v1' | 'secp384r1' | 'secp521r1' | 'ed25519';
  readonly hash: string | null;
}

const algorithms = {
  HS256: { key: 'secret', hash: 'sha256' },
  HS384: { key: 'secret', hash: 'sha384' },
  HS512: { key: 'secret', hash: 'sha512' },
  RS256: { key: 'rsa', hash: 'sha256' },
  RS384: { key: 'rsa', hash: 'sha384' },
  RS512: { key: 'rsa', hash: 'sha512' },
  ES256: { key: 'prime256v1', hash: 'sha256' },
  ES384: { key: 'secp384r1', hash: 'sha384' },
  ES512: { key: 'secp521r1', hash: 'sha512' },
  EdDSA: { key: 'ed25519', hash: null },
} as const satisfies Record<string, AlgorithmRow>;

export type Algorithm = keyof typeof algorithms;

/** A key with the algorithms it is for; a token does not choose beyond them. */
export interface VerifyingKey {
  readonly key: KeyObject;
  readonly algorithms: ReadonlySet<Algorithm>;
}

export function isAlgorithm(name: unknown): name is Algorithm {
  return typeof name === 'string' && Object.hasOwn(algorithms, name);
}

/** A key with all that can be checked with it: nothing, when it is of a kind that tokens are not signed with. */
export function verifyingKey(key: KeyObject): VerifyingKey {
  const kind = kindOf(key);
  const names = Object.keys(algorithms).filter(isAlgorithm);
  return { key, algorithms: new Set(names.filter((name) => algorithms[name].key === kind)) };
}

function kindOf(key: KeyObject): string | undefined {
  if (key.type === 'secret') return 'secret';
  if (key.type !== 'public') return undefined;
  return key.asymmetricKeyType === 'ec'
    ? key.asymmetricKeyDetails?.namedCurve
    : key.asymmetricKeyType;
}

/** Whether this key has signed the text; `algorithm` must be one that the key is for. */
export function isSignedWith(
  key: KeyObject,
  algorithm: Algorithm,
  text: string,
  signature: string,
): boolean {
  const { key: kind, hash } = algorithms[algorithm];
  const bytes = Buffer.from(signature, 'base64url');
  // Node passes over characters that are no base64url; a token with some is another text than was signed.
  if (signature.length !== Math.ceil((bytes.length * 4) / 3)) return false;
  if (kind === 'secret') {
    const expected = createHmac(hash, key).update(text).digest();
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  }
  // JWS writes r and s one after the other, not as DER; other kinds of key don't mind the setting.
  return verify(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, bytes);
}
