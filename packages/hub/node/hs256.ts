import { createHmac, type KeyObject } from 'node:crypto';
import { isSignedWith } from './jws-algorithms.ts';
import { type Claims, readClaims, readJwt } from './jwt-text.ts';

const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');

/** A JWT of these claims, signed with HMAC SHA-256 (RFC 7515, RFC 7519). */
export function signHs256(claims: Claims, key: KeyObject): string {
  const signed = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

/**
 * The claims of a token that this key has signed; undefined for any other text, one that names
 * another algorithm among them. Times are not looked at.
 */
export function readHs256(token: string, key: KeyObject): Claims | undefined {
  const jwt = readJwt(token);
  if (jwt?.head.alg !== 'HS256') return undefined;
  const isOurs = isSignedWith(key, 'HS256', jwt.signed, jwt.signature);
  return isOurs ? readClaims(jwt.payload()) : undefined;
}
