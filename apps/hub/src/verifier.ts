import type { TokenVerifier } from '@telex/hub';
import { createJwtVerifier, TokenKeyError, type TokenRules } from '@telex/hub/node';
import type { KeyValues } from './config/keys.ts';
import { StartError } from './start-error.ts';

type Section = 'client.token' | 'client.subscription_token';

/** The keys by the options of the verifier. */
const keyNames = {
  hmacSecret: 'hmac_secret_key',
  hmacPreviousSecret: 'hmac_previous_secret_key',
  rsaPublicKey: 'rsa_public_key',
  ecdsaPublicKey: 'ecdsa_public_key',
} as const satisfies Partial<Record<keyof TokenRules, string>>;
const ENDPOINT = 'jwks_public_endpoint';

/**
 * Judges connection and subscription tokens by the keys that the configuration has for each.
 *
 * @throws StartError `token_key` when one of them is no key
 */
export function createVerifier(keys: KeyValues): TokenVerifier {
  const insecureSkipSignature = keys['client.insecure_skip_token_signature_verify'];
  const hasOwn = keys['client.subscription_token.enabled'];
  const connection = rulesOf('client.token', keys);
  const judges = createOne('client.token', { connection, insecureSkipSignature });
  if (!hasOwn) return judges;
  const subscription = rulesOf('client.subscription_token', keys);
  const own = createOne('client.subscription_token', {
    connection: subscription,
    insecureSkipSignature,
  });
  return {
    connection: (token) => judges.connection(token),
    subscription: (token) => own.subscription(token),
  };
}

function createOne(section: Section, options: Parameters<typeof createJwtVerifier>[0]) {
  try {
    return createJwtVerifier(options);
  } catch (error) {
    if (!(error instanceof TokenKeyError)) throw error;
    const name = Object.entries(keyNames).find(([option]) => option === error.option)?.[1];
    const meaning = error.message.slice(error.option.length);
    throw new StartError('token_key', `${section}.${name ?? ENDPOINT}${meaning}`);
  }
}

/** Without a key, where tokens are not wanted, no token is any good. */
function rulesOf(section: Section, keys: KeyValues): TokenRules {
  const given = Object.entries(keyNames).flatMap(([option, name]) => {
    const value = keys[`${section}.${name}` as const];
    return value === '' ? [] : [[option, value] as const];
  });
  const endpoint = keys[`${section}.${ENDPOINT}`];
  const audience = condition(keys[`${section}.audience`], keys[`${section}.audience_regex`]);
  const issuer = condition(keys[`${section}.issuer`], keys[`${section}.issuer_regex`]);
  const userClaim = keys[`${section}.user_id_claim`];
  return {
    ...Object.fromEntries(given),
    hmacPreviousSecretValidUntil: keys[`${section}.hmac_previous_secret_key_valid_until`],
    ...(endpoint === '' ? {} : { jwks: { endpoint } }),
    ...(audience === undefined ? {} : { audience }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(userClaim === '' ? {} : { userClaim }),
  };
}

function condition(text: string, regex: string): string | RegExp | undefined {
  if (regex !== '') return new RegExp(regex, 'u');
  return text === '' ? undefined : text;
}
