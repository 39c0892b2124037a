import { createSecretKey, type KeyObject } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import type {
  ConnectionGrant,
  SubscriptionGrant,
  TokenFault,
  TokenVerifier,
  Verdict,
} from '../src/index.ts';

export interface JwtVerifierOptions {
  /** HMAC secret of connection tokens. */
  readonly connectionSecret: string | Uint8Array;
  /** HMAC secret of subscription tokens. */
  readonly subscriptionSecret: string | Uint8Array;
}

/** Judges tokens as Centrifugo does with HMAC keys (centrifugo.md §5): HS256, `exp` without leeway. */
export function createJwtVerifier(options: JwtVerifierOptions): TokenVerifier {
  const connectionKey = secretKey(options.connectionSecret);
  const subscriptionKey = secretKey(options.subscriptionSecret);
  return {
    connection: async (token) => {
      const verified = await verify(token, connectionKey, 'invalid');
      return verified.ok ? connectionGrant(verified.grant) : verified;
    },
    subscription: async (token) => {
      const verified = await verify(token, subscriptionKey, 'denied');
      return verified.ok ? subscriptionGrant(verified.grant) : verified;
    },
  };
}

async function verify(
  token: string,
  key: KeyObject,
  fault: TokenFault,
): Promise<Verdict<JWTPayload>> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'] });
    return { ok: true, grant: payload };
  } catch (error) {
    const isLate =
      error instanceof errors.JWTExpired ||
      (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf');
    return { ok: false, fault: isLate ? 'expired' : fault };
  }
}

function connectionGrant(payload: JWTPayload): Verdict<ConnectionGrant> {
  const { sub = '', exp, sid, channels } = payload;
  if (typeof sub !== 'string' || payload.channel !== undefined) {
    return { ok: false, fault: 'invalid' };
  }
  return {
    ok: true,
    grant: {
      user: sub,
      ...(exp === undefined ? {} : { expiresAt: exp }),
      ...(typeof sid === 'string' ? { session: sid } : {}),
      ...(isStrings(channels) ? { channels } : {}),
    },
  };
}

function subscriptionGrant(payload: JWTPayload): Verdict<SubscriptionGrant> {
  const { sub, exp, channel } = payload;
  if (typeof channel !== 'string' || channel === '') return { ok: false, fault: 'denied' };
  // No `sub` is another user than any (§5): it ends the connection, as there.
  const user = typeof sub === 'string' ? sub : ' no user ';
  return { ok: true, grant: { user, channel, ...(exp === undefined ? {} : { expiresAt: exp }) } };
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function secretKey(secret: string | Uint8Array): KeyObject {
  return typeof secret === 'string' ? createSecretKey(secret, 'utf8') : createSecretKey(secret);
}
