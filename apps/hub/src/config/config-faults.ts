import type { ChannelValues } from './channel-keys.ts';
import type { Config } from './config.ts';
import type { KeyValues } from './keys.ts';

const NAMESPACE_NAME = /^[-a-zA-Z0-9_.]{2,}$/;

/** What is wrong with values that are each right by themselves. */
export function configFaults({ keys, withoutNamespace, namespaces }: Config): string[] {
  const metaTtlMs = keys['channel.history_meta_ttl'];
  return [
    ...missingSecrets(keys),
    ...listenerFaults(keys),
    ...timeFaults(keys),
    ...channelFaults('channel.without_namespace', withoutNamespace, metaTtlMs),
    ...namespaces.flatMap((one, index) =>
      channelFaults(`channel.namespaces[${index}]`, one, metaTtlMs),
    ),
    ...nameFaults(namespaces.map(({ name }) => name)),
  ];
}

function missingSecrets(keys: KeyValues): string[] {
  const faults: string[] = [];
  const needsTokens =
    !keys['client.insecure'] && !keys['client.allow_anonymous_connect_without_token'];
  if (needsTokens && keys['client.token.hmac_secret_key'] === '') {
    faults.push(
      'client.token.hmac_secret_key is missing: without a key nobody can connect. Give the key that signs connection tokens.',
    );
  }
  if (
    keys['client.subscription_token.enabled'] &&
    keys['client.subscription_token.hmac_secret_key'] === ''
  ) {
    faults.push(
      'client.subscription_token.hmac_secret_key is missing: give the key that signs subscription tokens, or leave client.subscription_token.enabled out to use those of client.token.',
    );
  }
  if (keys['http_api.key'] === '' && !keys['http_api.insecure'] && !keys['http_api.disabled']) {
    faults.push(
      'http_api.key is missing: without it every API request is refused. Give a key, or set http_api.disabled to true.',
    );
  }
  return faults;
}

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
  const paths = [
    'websocket.handler_prefix',
    'http_api.handler_prefix',
    'health.handler_prefix',
  ] as const;
  for (const path of paths) {
    if (!/^\/\S*[^/\s]$/.test(keys[path])) {
      faults.push(`${path} must begin with a slash and not end with one, as "/api" does.`);
    }
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
