import { createSecretKey, type KeyObject } from 'node:crypto';
import type {
  ConnectionGrant,
  SubscriptionGrant,
  TokenFault,
  TokenVerifier,
  Verdict,
} from '../src/index.ts';
import { type Claims, readHs256 } from './hs256.ts';

export interface JwtVerifierOptions {
  /** HMAC secret of connection tokens. */
  readonly connectionSecret: string | Uint8Array;
  /** HMAC secret of subscription tokens. */
  readonly subscriptionSecret: string | Uint8Array;
  /** When given, a token must be for it. */
  readonly audience?: string;
  /** When given, a token must be from it. */
  readonly issuer?: string;
  /** A further condition on a well-signed token in time: what it is for, whether its session is revoked. */
  readonly accepts?: (claims: Claims, kind: 'connection' | 'subscription') => boolean;
  /** Unix milliseconds; by default the system's. */
  readonly unixMs?: () => number;
}

/** No user id can be this one: an unsigned-for `sub` must differ from every user (§5). */
const NOBODY = '\u0000';

/**
 * Judges tokens as Centrifugo does with HMAC keys (centrifugo.md §5): HS256, `exp` without leeway.
 * Synchronous, since a connect costs two of these: 4 µs each here, 50 to 60 with WebCrypto's promises.
 */
export function createJwtVerifier(options: JwtVerifierOptions): TokenVerifier {
  const { audience, issuer, accepts = () => true, unixMs = Date.now } = options;
  const connectionKey = secretKey(options.connectionSecret);
  const subscriptionKey = secretKey(options.subscriptionSecret);
  const verify = (
    token: string,
    key: KeyObject,
    kind: 'connection' | 'subscription',
  ): Verdict<Claims> => {
    const claims = readHs256(token, key);
    if (claims === undefined) return refused('invalid');
    const late = lateness(claims, unixMs() / 1000);
    if (late !== undefined) return refused(late);
    const isMeant = isFor(claims, audience) && (issuer === undefined || claims.iss === issuer);
    return isMeant && accepts(claims, kind) ? { ok: true, grant: claims } : refused('invalid');
  };
  return {
    connection: (token) => {
      const verified = verify(token, connectionKey, 'connection');
      return verified.ok ? connectionGrant(verified.grant) : verified;
    },
    subscription: (token) => {
      const verified = verify(token, subscriptionKey, 'subscription');
      return verified.ok ? subscriptionGrant(verified.grant) : verified;
    },
  };
}

/** Expiry is judged before anything else that a token says (§5). */
function lateness(claims: Claims, nowS: number): TokenFault | undefined {
  const { exp, nbf, expire_at: expireAt } = claims;
  if (![exp, nbf, expireAt].every(isTimeOrAbsent)) return 'invalid';
  if (typeof exp === 'number' && exp <= nowS) return 'expired';
  if (typeof nbf === 'number' && nbf > nowS) return 'expired';
  return typeof expireAt === 'number' && expireAt !== 0 && expireAt <= nowS ? 'ended' : undefined;
}

function isTimeOrAbsent(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && Number.isFinite(value));
}

function isFor({ aud }: Claims, audience: string | undefined): boolean {
  if (audience === undefined) return true;
  return Array.isArray(aud) ? aud.includes(audience) : aud === audience;
}

function connectionGrant(claims: Claims): Verdict<ConnectionGrant> {
  const { sub = '', sid } = claims;
  const channels = claimedChannels(claims);
  if (typeof sub !== 'string' || claims.channel !== undefined || channels === undefined) {
    return refused('invalid');
  }
  return {
    ok: true,
    grant: {
      user: sub,
      ...expiry(claims),
      ...(typeof sid === 'string' ? { session: sid } : {}),
      ...(channels.length > 0 ? { subs: new Map(channels.map((name) => [name, {}])) } : {}),
    },
  };
}

/** Channels of the `channels` list and the `subs` table; undefined when they are no such things. */
function claimedChannels({ channels = [], subs = {} }: Claims): readonly string[] | undefined {
  if (!isStrings(channels) || !isObject(subs)) return undefined;
  const named = Object.keys(subs);
  return named.length === 0 ? channels : [...new Set([...channels, ...named])];
}

function subscriptionGrant(claims: Claims): Verdict<SubscriptionGrant> {
  const { sub, channel } = claims;
  if (typeof channel !== 'string' || channel === '') return refused('denied');
  // No `sub` is another user than any: that ends the connection, as with stock Centrifugo (§5).
  const user = typeof sub === 'string' ? sub : NOBODY;
  return { ok: true, grant: { user, channel, ...expiry(claims) } };
}

/** `expire_at` says when what the token allows ends, 0 never; else that is when the token ends. */
function expiry({ exp, expire_at: expireAt }: Claims): { readonly expiresAt?: number } {
  const at = expireAt ?? exp;
  return typeof at === 'number' && at !== 0 ? { expiresAt: at } : {};
}

function refused(fault: TokenFault): { readonly ok: false; readonly fault: TokenFault } {
  return { ok: false, fault };
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function secretKey(secret: string | Uint8Array): KeyObject {
  return typeof secret === 'string' ? createSecretKey(secret, 'utf8') : createSecretKey(secret);
}
