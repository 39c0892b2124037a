import { type JsonObject, merge } from './json.ts';

/** A Centrifugo v6 configuration without `http_server`, which the target adds. */
export type PushConfig = JsonObject;

/** What a case wants otherwise than the basic configuration. */
export type ConfigOverrides = {
  readonly [section in
    | 'client'
    | 'channel'
    | 'http_api'
    | 'websocket'
    | 'prometheus'
    | 'health'
    | 'shutdown']?: JsonObject;
};

/** Keys of the servers under test; they protect nothing. */
export const keys = {
  connection: 'connection-key-of-the-conformance-suite',
  subscription: 'subscription-key-of-the-conformance-suite',
  api: 'api-key-of-the-conformance-suite',
} as const;

/** As Telex runs a push server: two token keys, history and recovery in every channel, nothing else allowed. */
const basic: PushConfig = {
  client: {
    token: { hmac_secret_key: keys.connection },
    subscription_token: { enabled: true, hmac_secret_key: keys.subscription },
  },
  channel: {
    without_namespace: { history_size: 100, history_ttl: '300s', force_recovery: true },
  },
  http_api: { key: keys.api },
  health: { enabled: true },
  usage_stats: { disabled: true },
  log: { level: 'error' },
};

export function buildConfig(overrides: ConfigOverrides = {}): PushConfig {
  return merge(basic, overrides);
}

/** Overrides of `channel.without_namespace` alone. */
export function channelOptions(options: JsonObject): ConfigOverrides {
  return { channel: { without_namespace: options } };
}
