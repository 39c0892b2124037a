import type { TokenVerifier } from '@telex/hub';
import { createJwtVerifier, type TokenRules } from '@telex/hub/node';
import type { KeyValues } from './config/keys.ts';

/** Judges connection and subscription tokens by the keys that the configuration has for each. */
export function createVerifier(keys: KeyValues): TokenVerifier {
  const connection = rulesOf('client.token', keys);
  return createJwtVerifier(
    keys['client.subscription_token.enabled']
      ? { connection, subscription: rulesOf('client.subscription_token', keys) }
      : { connection },
  );
}

/** Without a key, where tokens are not wanted, no token is any good. */
function rulesOf(
  section: 'client.token' | 'client.subscription_token',
  keys: KeyValues,
): TokenRules {
  const hmacSecret = keys[`${section}.hmac_secret_key`];
  const audience = keys[`${section}.audience`];
  const issuer = keys[`${section}.issuer`];
  return {
    ...(hmacSecret === '' ? {} : { hmacSecret }),
    ...(audience === '' ? {} : { audience }),
    ...(issuer === '' ? {} : { issuer }),
  };
}
