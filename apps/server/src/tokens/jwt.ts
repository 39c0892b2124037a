import { webcrypto } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { SigningKeys } from './signing-keys.ts';

/** What a token is for (design: "Tokens"); each kind is refused everywhere else. */
export type TokenUse = 'access' | 'notification' | 'connection' | 'subscription';

export interface TokenClaims {
  readonly userId: string;
  readonly sessionId: string;
  /** Connection tokens: the push channels a stock Centrifugo subscribes the bearer to. */
  readonly channels?: readonly string[];
  /** Subscription tokens: the one push channel. */
  readonly channel?: string;
}

export interface VerifiedToken extends TokenClaims {
  readonly expiresAtS: number;
}

export type Verification =
  | { readonly ok: true; readonly token: VerifiedToken }
  | { readonly ok: false; readonly code: 'token_invalid' | 'token_expired' };

/** Signs and checks the four kinds of JWT (HS256): `sub`, `sid`, `use`, `exp`, `iat`. */
export interface Jwts {
  mint(use: TokenUse, claims: TokenClaims, expiresAtS: number): Promise<string>;
  verify(use: TokenUse, token: string): Promise<Verification>;
}

const KEY_OF = {
  access: 'access',
  notification: 'connection',
  connection: 'connection',
  subscription: 'subscription',
} as const satisfies Record<TokenUse, keyof SigningKeys>;
const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;
const INVALID = { ok: false, code: 'token_invalid' } as const;
const EXPIRED = { ok: false, code: 'token_expired' } as const;

export async function createJwts(keys: SigningKeys, nowMs: () => number): Promise<Jwts> {
  const importKey = (raw: Uint8Array<ArrayBuffer>) =>
    webcrypto.subtle.importKey('raw', raw, HMAC, false, ['sign', 'verify']);
  const imported = {
    access: await importKey(keys.access),
    connection: await importKey(keys.connection),
    subscription: await importKey(keys.subscription),
  };
  return {
    mint(use, claims, expiresAtS) {
      return new SignJWT({
        sub: claims.userId,
        sid: claims.sessionId,
        use,
        iat: Math.floor(nowMs() / 1000),
        exp: expiresAtS,
        ...(claims.channels === undefined ? {} : { channels: [...claims.channels] }),
        ...(claims.channel === undefined ? {} : { channel: claims.channel }),
      })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .sign(imported[KEY_OF[use]]);
    },
    async verify(use, token) {
      try {
        const { payload } = await jwtVerify(token, imported[KEY_OF[use]], {
          algorithms: ['HS256'],
          requiredClaims: ['sub', 'sid', 'use', 'exp'],
          currentDate: new Date(nowMs()),
        });
        return read(use, payload);
      } catch (error) {
        if (error instanceof errors.JWTExpired) return EXPIRED;
        if (error instanceof errors.JOSEError) return INVALID;
        throw error;
      }
    },
  };
}

function read(use: TokenUse, payload: Readonly<Record<string, unknown>>): Verification {
  const { sub, sid, exp, channel, channels } = payload;
  if (payload.use !== use || typeof sub !== 'string' || typeof sid !== 'string') return INVALID;
  if (typeof exp !== 'number') return INVALID;
  return {
    ok: true,
    token: {
      userId: sub,
      sessionId: sid,
      expiresAtS: exp,
      ...(typeof channel === 'string' ? { channel } : {}),
      ...(Array.isArray(channels) ? { channels: channels.filter(isText) } : {}),
    },
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
