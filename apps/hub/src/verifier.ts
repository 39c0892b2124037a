import { randomBytes } from 'node:crypto';
import type { TokenVerifier } from '@telex/hub';
import { createJwtVerifier } from '@telex/hub/node';
import type { KeyValues } from './config/keys.ts';

/** Judges connection and subscription tokens by the keys that the configuration has for each. */
export function createVerifier(keys: KeyValues): TokenVerifier {
  const connection = verifierOf('client.token', keys);
  const subscription = keys['client.subscription_token.enabled']
    ? verifierOf('client.subscription_token', keys)
    : connection;
  return {
    connection: (token) => connection.connection(token),
    subscription: (token) => subscription.subscription(token),
  };
}

function verifierOf(
  section: 'client.token' | 'client.subscription_token',
  keys: KeyValues,
): TokenVerifier {
  const audience = keys[`${section}.audience`];
  const issuer = keys[`${section}.issuer`];
  // Where tokens are not wanted, no token is any good.
  const secret = keys[`${section}.hmac_secret_key`] || randomBytes(32);
  return createJwtVerifier({
    connectionSecret: secret,
    subscriptionSecret: secret,
    ...(audience === '' ? {} : { audience }),
    ...(issuer === '' ? {} : { issuer }),
  });
}
