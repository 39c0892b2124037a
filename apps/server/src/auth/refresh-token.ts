import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** `<session id>.<secret>.<mac>`: opaque to clients, and only its hash is stored. */
const FORM = /^([A-Za-z0-9-]{1,64})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

/**
 * Makes and recognises refresh tokens with the server's key. The mac tells an old token of ours
 * (a replay, which ends its session) from an invention (which must not). The successor follows
 * from the token and the key, so that a repeat gives the same one although only hashes are stored.
 */
export interface RefreshTokens {
  first(sessionId: string): string;
  successor(token: string): string;
  /** The session of a token that this server has made, else undefined. */
  sessionOf(token: string): string | undefined;
}

export function createRefreshTokens(key: Uint8Array): RefreshTokens {
  const hmac = (purpose: string, text: string) =>
    createHmac('sha256', key).update(`${purpose}\0${text}`).digest();
  const seal = (sessionId: string, secret: Buffer) => {
    const body = `${sessionId}.${secret.toString('base64url')}`;
    return `${body}.${hmac('seal', body).toString('base64url')}`;
  };
  return {
    first: (sessionId) => seal(sessionId, randomBytes(32)),
    successor: (token) => seal(token.split('.')[0] ?? '', hmac('successor', token)),
    sessionOf(token) {
      const [, sessionId, secret, mac] = FORM.exec(token) ?? [];
      if (sessionId === undefined || mac === undefined) return undefined;
      const wanted = hmac('seal', `${sessionId}.${secret}`);
      const given = Buffer.from(mac, 'base64url');
      return given.length === wanted.length && timingSafeEqual(wanted, given)
        ? sessionId
        : undefined;
    },
  };
}

/** What is stored of a refresh token. It has 256 random bits, so a fast hash will do. */
export function refreshHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
