import { createHash, createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyRing } from '../tokens/key-ring.ts';

/** `<session id>.<secret>.<mac>`: opaque to clients, and only its hash is stored. */
const FORM = /^([A-Za-z0-9-]{1,64})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

/**
 * Makes and recognises refresh tokens with the server's key. The mac tells an old token of ours
 * (a replay, which ends its session) from an invention (which must not). The successor follows
 * from the token and the key, so that a repeat gives the same one although only hashes are stored.
 * Keys before the present one count until their end.
 */
export interface RefreshTokens {
  first(sessionId: string): string;
  successor(token: string): string;
  /** The successor that was stored as this hash, whichever key it was made with. */
  successorOf(token: string, hash: string): string | undefined;
  /** The session of a token that this server has made, else undefined. */
  sessionOf(token: string): string | undefined;
}

export function createRefreshTokens(
  keys: Pick<KeyRing, 'of' | 'lookAgain'>,
  nowMs: () => number,
): RefreshTokens {
  const current = () => keys.of('refresh')[0].key;
  const counting = () =>
    keys
      .of('refresh')
      .filter(({ untilMs }) => untilMs > nowMs())
      .map(({ key }) => key);
  return {
    first: (sessionId) => seal(current(), sessionId, randomBytes(32)),
    successor: (token) => successorWith(current(), token),
    successorOf: (token, hash) =>
      counting()
        .map((key) => successorWith(key, token))
        .find((successor) => refreshHash(successor) === hash),
    sessionOf(token) {
      const [, sessionId, secret, mac] = FORM.exec(token) ?? [];
      if (sessionId === undefined || mac === undefined) return undefined;
      const given = Buffer.from(mac, 'base64url');
      const isOurs = () =>
        counting().some((key) => {
          const wanted = hmac(key, 'seal', `${sessionId}.${secret}`);
          return given.length === wanted.length && timingSafeEqual(wanted, given);
        });
      return isOurs() || (keys.lookAgain() && isOurs()) ? sessionId : undefined;
    },
  };
}

function seal(key: KeyObject, sessionId: string, secret: Buffer): string {
  const body = `${sessionId}.${secret.toString('base64url')}`;
  return `${body}.${hmac(key, 'seal', body).toString('base64url')}`;
}

function successorWith(key: KeyObject, token: string): string {
  return seal(key, token.split('.')[0] ?? '', hmac(key, 'successor', token));
}

function hmac(key: KeyObject, purpose: string, text: string): Buffer {
  return createHmac('sha256', key).update(`${purpose}\0${text}`).digest();
}

/** What is stored of a refresh token. It has 256 random bits, so a fast hash will do. */
export function refreshHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
