import { glob } from '@telex/hub';
import type { ChannelValues } from './channel-keys.ts';
import type { Config } from './config.ts';
import type { KeyValues } from './keys.ts';

const NAMESPACE_NAME = /^[-a-zA-Z0-9_.]{2,}$/;

/** What is wrong with values that are each right by themselves. */
export function configFaults({ keys, withoutNamespace, namespaces }: Config): string[] {
  const metaTtlMs = keys['channel.history_meta_ttl'];
  return [
    ...missingSecrets(keys),
    ...tokenFaults(keys),
    ...originFaults(keys),
    ...listenerFaults(keys),
    ...timeFaults(keys),
    ...channelFaults('channel.without_namespace', withoutNamespace, metaTtlMs),
    ...namespaces.flatMap((one, index) =>
      channelFaults(`channel.namespaces[${index}]`, one, metaTtlMs),
    ),
    ...nameFaults(namespaces.map(({ name }) => name)),
  ];
}

const TOKEN_KEYS = [
  'hmac_secret_key',
  'rsa_public_key',
  'ecdsa_public_key',
  'jwks_public_endpoint',
] as const;
type TokenSection = 'client.token' | 'client.subscription_token';

/** Centrifugo starts without them, and then refuses everything; here they are missed at the start. */
function missingSecrets(keys: KeyValues): string[] {
  const faults: string[] = [];
  const needsTokens =
    !keys['client.insecure'] &&
    !keys['client.insecure_skip_token_signature_verify'] &&
    !keys['client.allow_anonymous_connect_without_token'];
  const has = (section: TokenSection) =>
    TOKEN_KEYS.some((name) => keys[`${section}.${name}` as const] !== '');
  if (needsTokens && !has('client.token')) {
    faults.push(
      'client.token.hmac_secret_key is missing: without a key nobody can connect. Give the key that signs connection tokens, or rsa_public_key, ecdsa_public_key or jwks_public_endpoint.',
    );
  }
  if (keys['client.subscription_token.enabled'] && !has('client.subscription_token')) {
    faults.push(
      'client.subscription_token.hmac_secret_key is missing: give the key that signs subscription tokens (or rsa_public_key, ecdsa_public_key, jwks_public_endpoint), or leave client.subscription_token.enabled out to use those of client.token.',
    );
  }
  if (keys['http_api.key'] === '' && !keys['http_api.insecure'] && !keys['http_api.disabled']) {
    faults.push(
      'http_api.key is missing: without it every API request is refused. Give a key, or set http_api.disabled to true.',
    );
  }
  return faults;
}

/** Conditions of tokens: a text or a pattern, not both. */
function tokenFaults(keys: KeyValues): string[] {
  return (['client.token', 'client.subscription_token'] as const).flatMap((section) =>
    (['audience', 'issuer'] as const).flatMap((name) => {
      const regex = `${section}.${name}_regex` as const;
      if (!isRegex(keys[regex])) return [`${regex} is no regular expression.`];
      const isTwice = keys[`${section}.${name}`] !== '' && keys[regex] !== '';
      return isTwice ? [`${regex} and ${section}.${name} exclude each other: give one.`] : [];
    }),
  );
}

function originFaults(keys: KeyValues): string[] {
  return keys['client.allowed_origins'].flatMap((pattern) => {
    try {
      glob(pattern);
      return [];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return [`client.allowed_origins has the pattern ${JSON.stringify(pattern)}: ${reason}.`];
    }
  });
}

const PATHS = [
  'websocket.handler_prefix',
  'http_api.handler_prefix',
  'prometheus.handler_prefix',
  'health.handler_prefix',
] as const;

function listenerFaults(keys: KeyValues): string[] {
  const faults: string[] = [];
  if (keys['http_server.tls.enabled']) {
    for (const path of ['http_server.tls.cert_pem', 'http_server.tls.key_pem'] as const) {
      if (keys[path] === '') faults.push(`${path} is missing: TLS wants certificate and key.`);
    }
  }
  if (keys['http_server.internal_port'] === keys['http_server.port']) {
    faults.push('http_server.internal_port must be another than http_server.port.');
  }
  for (const path of PATHS) {
    if (!/^\/\S*[^/\s]$/.test(keys[path])) {
      faults.push(`${path} must begin with a slash and not end with one, as "/api" does.`);
    }
    const same = PATHS.find((other) => keys[other] === keys[path]);
    if (same !== path) faults.push(`${path} must be another than ${same}.`);
  }
  return faults;
}

function timeFaults(keys: KeyValues): string[] {
  return keys['client.pong_timeout'] < keys['client.ping_interval']
    ? []
    : ['client.pong_timeout must be less than client.ping_interval.'];
}

function channelFaults(path: string, options: ChannelValues, globalMetaTtlMs: number): string[] {
  const faults: string[] = [];
  const { history_size: size, history_ttl: ttlMs, channel_regex: regex } = options;
  if (size > 0 !== ttlMs > 0) {
    faults.push(`${path}: history needs both history_size and history_ttl.`);
  }
  if (options.force_recovery && (size === 0 || ttlMs === 0)) {
    faults.push(`${path}: force_recovery needs history_size and history_ttl.`);
  }
  const metaTtlMs = options.history_meta_ttl || globalMetaTtlMs;
  if (ttlMs > metaTtlMs) {
    faults.push(`${path}: history_ttl must not be longer than history_meta_ttl.`);
  }
  if (!isRegex(regex)) faults.push(`${path}.channel_regex is no regular expression.`);
  return faults;
}

function isRegex(source: string): boolean {
  try {
    return new RegExp(source, 'u').source !== '';
  } catch {
    return false;
  }
}

function nameFaults(names: readonly string[]): string[] {
  return names.flatMap((name, index) => {
    const path = `channel.namespaces[${index}].name`;
    if (!NAMESPACE_NAME.test(name)) {
      return [`${path} must have two or more of the letters a-z A-Z 0-9 - _ and the dot.`];
    }
    return names.indexOf(name) < index ? [`${path} is taken by another namespace.`] : [];
  });
}
