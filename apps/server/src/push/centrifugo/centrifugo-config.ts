import { defaultLimits } from '@telex/hub';
import type { Settings } from '../../config/options.ts';
import { PUSH_HISTORY } from '../push-history.ts';
import { type CentrifugoAddresses, centrifugoAddresses } from './addresses.ts';

export interface CentrifugoConfigInput {
  readonly settings: Settings;
  /** Secrets of the push tokens, as text. */
  readonly secrets: { readonly connection: string; readonly subscription: string };
  /** Those before the last rotation, while tokens of theirs may be alive. */
  readonly previousSecrets?: {
    readonly connection: string;
    readonly subscription: string;
    /** Unix seconds. */
    readonly validUntilS: number;
  };
  readonly apiKey: string;
  /** `redis://host:port`; without it history is in Centrifugo's memory. */
  readonly redis?: { readonly address: string; readonly password?: string };
}

/**
 * Bytes that may wait for one client. A recovery is one reply, so this must hold the whole history of a
 * channel, or the client is cut again and again (centrifugo.md §1.4): 100 pushes of up to 32 KiB.
 */
export const QUEUE_BYTES = 4 * 1024 * 1024;
/** Characters of organisation and user ids (`readPushChannel`). */
const CHANNEL_REGEX = '^[A-Za-z0-9_-]{1,128}/[A-Za-z0-9_-]{1,128}$';
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Centrifugo's configuration (v6) that fits ours (centrifugo.md §12). It holds secrets. */
export function centrifugoConfig(input: CentrifugoConfigInput): object {
  const { settings, secrets, previousSecrets, apiKey } = input;
  const token = (kind: 'connection' | 'subscription') => ({
    hmac_secret_key: secrets[kind],
    ...(previousSecrets === undefined
      ? {}
      : {
          hmac_previous_secret_key: previousSecrets[kind],
          hmac_previous_secret_key_valid_until: previousSecrets.validUntilS,
        }),
    ...(settings['token-audience'] === undefined ? {} : { audience: settings['token-audience'] }),
    ...(settings['token-issuer'] === undefined ? {} : { issuer: settings['token-issuer'] }),
  });
  const limits = defaultLimits;
  return {
    http_server: listeners(centrifugoAddresses(settings)),
    client: {
      token: token('connection'),
      subscription_token: { enabled: true, ...token('subscription') },
      allowed_origins: settings['public-url'] === undefined ? [] : [settings['public-url']],
      insecure: false,
      allow_anonymous_connect_without_token: false,
      disallow_anonymous_connection_tokens: true,
      ping_interval: duration(limits.pingMs),
      pong_timeout: duration(limits.pongMs),
      stale_close_delay: duration(limits.staleMs),
      expired_close_delay: duration(limits.expiredGraceMs),
      expired_sub_close_delay: duration(limits.expiredSubGraceMs),
      // What came while Redis was away and back is found at the next tick (27 s), not at the one after it.
      channel_position_check_delay: '10s',
      channel_limit: limits.channels,
      queue_max_size: QUEUE_BYTES,
      // A reconnect may race its own half-open socket, which would then end it for good.
      user_connection_limit: 0,
      connection_rate_limit: 0,
      history_max_publication_limit: limits.historyPublications,
      recovery_max_publication_limit: limits.recoveryPublications,
    },
    websocket: { message_size_limit: limits.messageBytes, compression: false },
    channel: {
      max_length: limits.channelNameBytes,
      history_meta_ttl: duration(PUSH_HISTORY.metaTtlMs),
      without_namespace: {
        history_size: PUSH_HISTORY.size,
        history_ttl: duration(PUSH_HISTORY.ttlMs),
        force_recovery: true,
        channel_regex: CHANNEL_REGEX,
        publication_data_format: 'json_object',
        presence: false,
        join_leave: false,
        allow_subscribe_for_client: false,
        allow_publish_for_client: false,
      },
      namespaces: [],
    },
    http_api: { key: apiKey, error_mode: 'transport' },
    ...engine(input.redis),
    admin: { enabled: false },
    health: { enabled: true },
    prometheus: { enabled: true },
    usage_stats: { disabled: true },
    log: { level: 'info' },
    shutdown: { timeout: '30s' },
  };
}

function engine(redis: CentrifugoConfigInput['redis']) {
  if (redis === undefined) return { engine: { type: 'memory' } };
  const { address, password } = redis;
  return {
    engine: {
      type: 'redis',
      redis: { address: [address], ...(password === undefined ? {} : { password }) },
    },
  };
}

/** One port, or one for clients and an internal one for the API where their addresses differ. */
function listeners(addresses: CentrifugoAddresses) {
  const api = listener(new URL(addresses.api));
  const socket = listener(new URL(addresses.socket.replace(/^ws/, 'http')));
  const door = { address: socket.address, port: socket.port };
  if (api.port === socket.port && api.address === socket.address) return door;
  return { ...door, internal_address: api.address, internal_port: String(api.port) };
}

/** A name may be that of another machine: there Centrifugo listens on all its addresses. */
function listener(url: URL): { readonly address: string; readonly port: number } {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { address: LOOPBACK.has(url.hostname) ? '127.0.0.1' : '0.0.0.0', port };
}

/** Centrifugo takes no fractions of a second. */
function duration(ms: number): string {
  return `${Math.ceil(ms / 1000)}s`;
}
