import { DATA_FORMATS } from './channel-keys.ts';
import { key, type Values } from './key.ts';
import {
  type Reader,
  readDuration,
  readOneOf,
  readOptionalPort,
  readSwitch,
  readText,
  readTexts,
  readWhole,
} from './readers.ts';

const path = (fallback: string, help: string) => key({ fallback, read: readText, help });
const off = (help: string) => key({ fallback: false, read: readSwitch, help });
const secret = (help: string) => key({ fallback: '', read: readText, help, isSecret: true });
const limit = (fallback: number, help: string) => key({ fallback, read: readWhole(1), help });
const optionalLimit = (help: string) => key({ fallback: 0, read: readWhole(0), help });
const duration = (fallbackS: number, help: string) =>
  key({ fallback: fallbackS * 1_000, read: readDuration({ leastMs: 1_000 }), help });
/** Means nothing here, and harms nothing either. */
const noEffect = <T>(row: { fallback: T; read: Reader<T> }, why: string) =>
  key({ ...row, help: `No effect: ${why}` });

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'none'] as const;

/** Every key outside of channels that the program obeys, by its path. The order is that of the documentation. */
export const keys = {
  'http_server.address': path('', 'Address to listen on; empty: all.'),
  'http_server.port': key({
    fallback: 8000,
    read: readWhole(1, 65_535),
    help: 'Port to listen on.',
  }),
  'http_server.internal_address': path('', 'Address of the internal port; empty: all.'),
  'http_server.internal_port': key<number | undefined>({
    fallback: undefined,
    read: readOptionalPort,
    help: 'A port of its own for API, metrics and health, which then are nowhere else.',
  }),
  'http_server.tls.enabled': off('TLS; wants certificate and key.'),
  'http_server.tls.cert_pem': path('', 'Certificate chain: a file, PEM text, or that in base64.'),
  'http_server.tls.key_pem': secret('Its private key, written the same way.'),
  'http_server.tls_external': off('TLS on the main port only, the internal one without.'),

  'client.token.hmac_secret_key': secret('Checks connection tokens.'),
  'client.token.audience': path('', 'What `aud` must hold.'),
  'client.token.issuer': path('', 'What `iss` must be.'),
  'client.subscription_token.enabled': off(
    'Subscription tokens have keys of their own; else those of `client.token` are used.',
  ),
  'client.subscription_token.hmac_secret_key': secret('Checks subscription tokens.'),
  'client.subscription_token.audience': path('', 'What `aud` of subscription tokens must hold.'),
  'client.subscription_token.issuer': path('', 'What `iss` of subscription tokens must be.'),
  'client.allowed_origins': key<readonly string[]>({
    fallback: [],
    read: readTexts,
    help: 'Patterns such as `https://*.example.com` of pages that may connect; `*` is all. Our own address always may.',
  }),
  'client.allow_anonymous_connect_without_token': off('Clients may connect without a token.'),
  'client.disallow_anonymous_connection_tokens': off('Tokens without a user are refused.'),
  'client.insecure': off('No tokens, everything allowed: for development.'),
  'client.ping_interval': duration(25, 'How often a client is pinged.'),
  'client.pong_timeout': duration(8, 'A client that does not answer a ping for so long is closed.'),
  'client.stale_close_delay': duration(10, 'A client that does not connect for so long is closed.'),
  'client.expired_close_delay': duration(25, 'How long an expired connection token is borne.'),
  'client.expired_sub_close_delay': duration(25, 'How long an expired subscription is borne.'),
  'client.channel_limit': limit(128, 'Subscriptions of one client.'),
  'client.queue_max_size': limit(1_048_576, 'Bytes that may wait for one client.'),
  'client.connection_limit': optionalLimit('Open connections; more are answered 503. 0: any.'),
  'client.user_connection_limit': optionalLimit(
    'Connections of one user; one more is closed with 3504. 0: any.',
  ),
  'client.connection_rate_limit': optionalLimit(
    'New connections a second; more are answered 503. 0: any.',
  ),
  'client.history_max_publication_limit': limit(300, 'Publications of one history reply.'),
  'client.recovery_max_publication_limit': limit(300, 'More missed ones are not recovered.'),
  'client.presence_update_interval': noEffect(
    { fallback: 27_000, read: readDuration({ leastMs: 0 }) },
    'presence is what this moment is.',
  ),
  'client.channel_position_check_delay': noEffect(
    { fallback: 40_000, read: readDuration({ leastMs: 0 }) },
    'one process cannot lose publications on the way.',
  ),
  'client.channel_position_max_time_lag': noEffect(
    { fallback: 0, read: readDuration({ leastMs: 0 }) },
    'as before.',
  ),
  'client.concurrency': noEffect(
    { fallback: 0, read: readWhole(0) },
    'commands of a client are answered one after another.',
  ),

  'websocket.handler_prefix': path('/connection/websocket', 'Path of the WebSocket.'),
  'websocket.message_size_limit': limit(65_536, 'Bytes of one message of a client.'),
  'websocket.write_timeout': noEffect(
    { fallback: 1_000, read: readDuration({ leastMs: 0 }) },
    'nobody waits for a slow client; see `client.queue_max_size`.',
  ),
  'websocket.read_buffer_size': noEffect(
    { fallback: 0, read: readWhole(0) },
    'there are no such buffers.',
  ),
  'websocket.write_buffer_size': noEffect({ fallback: 0, read: readWhole(0) }, 'as before.'),
  'websocket.use_write_buffer_pool': noEffect({ fallback: false, read: readSwitch }, 'as before.'),

  'channel.max_length': limit(255, 'Bytes of a channel name.'),
  'channel.history_meta_ttl': key({
    fallback: 720 * 3_600_000,
    read: readDuration({ leastMs: 1_000, wholeSeconds: true }),
    help: 'How long offset and epoch are kept after the last publication.',
  }),
  'channel.publication_data_format': key<(typeof DATA_FORMATS)[number]>({
    fallback: '',
    read: readOneOf(DATA_FORMATS),
    help: '`json_object`: publications with other data are refused.',
  }),

  'http_api.key': secret('What API requests must show.'),
  'http_api.disabled': off('No API.'),
  'http_api.insecure': off('The API without a key: for development.'),
  'http_api.external': off('The API on the main port too, where there is an internal one.'),
  'http_api.error_mode': key({
    fallback: '',
    read: readOneOf(['', 'transport']),
    help: '`transport`: API errors are HTTP statuses.',
  }),
  'http_api.handler_prefix': path('/api', 'Path of the API.'),
  'health.enabled': off('`GET /health` answers 200.'),
  'health.handler_prefix': path('/health', 'Path of the health check.'),
  'log.level': key<(typeof LOG_LEVELS)[number]>({
    fallback: 'info',
    read: readOneOf(LOG_LEVELS),
    help: 'What is logged to stderr, as JSON lines.',
  }),
  'node.name': path('', 'Name of this process in `info`; empty: host and port.'),
  'shutdown.timeout': duration(30, 'How long closing may take at most.'),
  'usage_stats.disabled': noEffect(
    { fallback: true, read: readSwitch },
    'nothing is ever sent anywhere.',
  ),
};

export type KeyValues = Values<typeof keys>;
