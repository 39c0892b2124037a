import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

/** What a token says; nothing in it has been looked at but its signature. */
export type Claims = Readonly<Record<string, unknown>>;

const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');
const SIGNATURE_BYTES = 32;

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
  const headEnd = token.indexOf('.');
  const bodyEnd = token.indexOf('.', headEnd + 1);
  if (headEnd < 0 || bodyEnd < 0) return undefined;
  const signature = Buffer.from(token.slice(bodyEnd + 1), 'base64url');
  const expected = createHmac('sha256', key).update(token.slice(0, bodyEnd)).digest();
  if (signature.length !== SIGNATURE_BYTES || !timingSafeEqual(signature, expected)) {
    return undefined;
  }
  if (readPart(token.slice(0, headEnd))?.alg !== 'HS256') return undefined;
  return readPart(token.slice(headEnd + 1, bodyEnd));
}

function readPart(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isClaims(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isClaims(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
