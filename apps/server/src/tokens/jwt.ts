import { type Claims, readHs256, signHs256 } from '@telex/hub/node';
import type { KeyRing } from './key-ring.ts';
import type { KeyName } from './signing-keys.ts';

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
  mint(use: TokenUse, claims: TokenClaims, expiresAtS: number): string;
  verify(use: TokenUse, token: string): Verification;
}

const KEY_OF = {
  access: 'access',
  notification: 'connection',
  connection: 'connection',
  subscription: 'subscription',
} as const satisfies Record<TokenUse, KeyName>;
const INVALID = { ok: false, code: 'token_invalid' } as const;
const EXPIRED = { ok: false, code: 'token_expired' } as const;

/** What a push server may ask of its tokens besides (centrifugo.md §5). */
export interface PushClaims {
  readonly audience?: string | undefined;
  readonly issuer?: string | undefined;
}

/** Synchronous: a token costs some microseconds, a promise of WebCrypto's ten times that. */
export function createJwts(
  keys: Pick<KeyRing, 'of' | 'lookAgain'>,
  nowMs: () => number,
  { audience, issuer }: PushClaims = {},
): Jwts {
  const forPush = {
    ...(audience === undefined ? {} : { aud: audience }),
    ...(issuer === undefined ? {} : { iss: issuer }),
  };
  /** Of the keys that count now, one has signed the text, or none. */
  const read = (use: TokenUse, text: string): Claims | undefined => {
    for (const { key, untilMs } of keys.of(KEY_OF[use])) {
      const claims = untilMs > nowMs() ? readHs256(text, key) : undefined;
      if (claims !== undefined) return claims;
    }
    return undefined;
  };
  return {
    mint: (use, claims, expiresAtS) =>
      signHs256(
        {
          sub: claims.userId,
          sid: claims.sessionId,
          use,
          iat: Math.floor(nowMs() / 1000),
          exp: expiresAtS,
          ...(use === 'access' ? {} : forPush),
          ...(claims.channels === undefined ? {} : { channels: claims.channels }),
          ...(claims.channel === undefined ? {} : { channel: claims.channel }),
        },
        keys.of(KEY_OF[use])[0].key,
      ),
    verify(use, text) {
      let claims = read(use, text);
      if (claims === undefined && keys.lookAgain()) claims = read(use, text);
      if (claims === undefined) return INVALID;
      const { sub, sid, exp, channel, channels } = claims;
      const isWhole = typeof sub === 'string' && typeof sid === 'string' && typeof exp === 'number';
      if (!isWhole || claims.use !== use) return INVALID;
      if (exp * 1000 <= nowMs()) return EXPIRED;
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
    },
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
