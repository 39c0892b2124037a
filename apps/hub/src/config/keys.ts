import { DATA_FORMATS } from './channel-keys.ts';
import { type Key, key, type Values } from './key.ts';
import {
  duration,
  oneOf,
  optionalPort,
  secretText,
  text,
  texts,
  trueOrFalse,
  whole,
} from './types.ts';

const path = (fallback: string, help: string) => key({ fallback, type: text, help });
const off = (help: string) => key({ fallback: false, type: trueOrFalse, help });
const secret = (help: string) => key({ fallback: '', type: secretText, help });
const limit = (fallback: number, help: string) => key({ fallback, type: whole(1), help });
const optionalLimit = (help: string) => key({ fallback: 0, type: whole(0), help });
const seconds = (fallbackS: number, help: string) =>
  key({ fallback: fallbackS * 1_000, type: duration({ leastMs: 1_000 }), help });
/** Means nothing here, and harms nothing either. */
const noEffect = <T>(row: Pick<Key<T>, 'fallback' | 'type'>, why: string) =>
  key({ ...row, help: `No effect: ${why}` });

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'none'] as const;

/** Every key outside of channels that the program obeys, by its path. The order is that of the documentation. */
export const keys = {
  'http_server.address': path('', 'Address to listen on; empty: all.'),
  'http_server.port': key({
    fallback: 8000,
    type: whole(1, 65_535),
    help: 'Port to listen on.',
  }),
  'http_server.internal_address': path('', 'Address of the internal port; empty: all.'),
  'http_server.internal_port': key<number | undefined>({
    fallback: undefined,
    type: optionalPort,
    help: 'A port of its own for API, metrics and health, which then are nowhere else.',
  }),
  'http_server.tls.enabled': off('TLS; wants certificate and key.'),
  'http_server.tls.cert_pem': path('', 'Certificate chain: a file, PEM text, or that in base64.'),
  'http_server.tls.key_pem': secret('Its private key, written the same way.'),
  'http_server.tls_external': off('TLS on the main port only, the internal one without.'),

  'client.token.hmac_secret_key': secret(
    'Checks connection tokens signed with HS256, HS384 or HS512.',
  ),
  'client.token.hmac_previous_secret_key': secret(
    'The one before, while tokens signed with it are about.',
  ),
  'client.token.hmac_previous_secret_key_valid_until': optionalLimit(
    'Unix seconds until which it counts. 0: no end.',
  ),
  'client.token.rsa_public_key': path('', 'PEM; checks RS256, RS384 and RS512.'),
  'client.token.ecdsa_public_key': path('', 'PEM; checks ES256, ES384 or ES512.'),
  'client.token.jwks_public_endpoint': path(
    '',
    'Address of a JSON Web Key Set, in place of all other keys; RSA, EC and Ed25519.',
  ),
  'client.token.audience': path('', 'What `aud` must hold.'),
  'client.token.audience_regex': path('', 'What one of `aud` must match.'),
  'client.token.issuer': path('', 'What `iss` must be.'),
  'client.token.issuer_regex': path('', 'What `iss` must match.'),
  'client.token.user_id_claim': path('', 'The claim that names the user, in place of `sub`.'),
  'client.subscription_token.enabled': off(
    'Subscription tokens have keys and conditions of their own; else those of `client.token` are used.',
  ),
  'client.subscription_token.hmac_secret_key': secret(
    'Checks subscription tokens signed with HS256, HS384 or HS512.',
  ),
  'client.subscription_token.hmac_previous_secret_key': secret(
    'The one before, while tokens signed with it are about.',
  ),
  'client.subscription_token.hmac_previous_secret_key_valid_until': optionalLimit(
    'Unix seconds until which it counts. 0: no end.',
  ),
  'client.subscription_token.rsa_public_key': path('', 'PEM; checks RS256, RS384 and RS512.'),
  'client.subscription_token.ecdsa_public_key': path('', 'PEM; checks ES256, ES384 or ES512.'),
  'client.subscription_token.jwks_public_endpoint': path(
    '',
    'Address of a JSON Web Key Set, in place of all other keys; RSA, EC and Ed25519.',
  ),
  'client.subscription_token.audience': path('', 'What `aud` must hold.'),
  'client.subscription_token.audience_regex': path('', 'What one of `aud` must match.'),
  'client.subscription_token.issuer': path('', 'What `iss` must be.'),
  'client.subscription_token.issuer_regex': path('', 'What `iss` must match.'),
  'client.subscription_token.user_id_claim': path(
    '',
    'The claim that names the user, in place of `sub`.',
  ),
  'client.allowed_origins': key<readonly string[]>({
    fallback: [],
    type: texts,
    help: 'Patterns such as `https://*.example.com` of pages that may connect; `*` is all. Our own address always may.',
  }),
  'client.allow_anonymous_connect_without_token': off('Clients may connect without a token.'),
  'client.disallow_anonymous_connection_tokens': off('Tokens without a user are refused.'),
  'client.insecure_skip_token_signature_verify': off('Any signature is taken: for development.'),
  'client.insecure': off('No tokens, everything allowed: for development.'),
  'client.ping_interval': seconds(25, 'How often a client is pinged.'),
  'client.pong_timeout': seconds(8, 'A client that does not answer a ping for so long is closed.'),
  'client.stale_close_delay': seconds(10, 'A client that does not connect for so long is closed.'),
  'client.expired_close_delay': seconds(25, 'How long an expired connection token is borne.'),
  'client.expired_sub_close_delay': seconds(25, 'How long an expired subscription is borne.'),
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
    { fallback: 27_000, type: duration({ leastMs: 0 }) },
    'presence is what this moment is.',
  ),
  'client.channel_position_check_delay': noEffect(
    { fallback: 40_000, type: duration({ leastMs: 0 }) },
    'one process cannot lose publications on the way.',
  ),
  'client.channel_position_max_time_lag': noEffect(
    { fallback: 0, type: duration({ leastMs: 0 }) },
    'as before.',
  ),
  'client.concurrency': noEffect(
    { fallback: 0, type: whole(0) },
    'commands of a client are answered one after another.',
  ),

  'websocket.handler_prefix': path('/connection/websocket', 'Path of the WebSocket.'),
  'websocket.message_size_limit': limit(65_536, 'Bytes of one message of a client.'),
  'websocket.write_timeout': noEffect(
    { fallback: 1_000, type: duration({ leastMs: 0 }) },
    'nobody waits for a slow client; see `client.queue_max_size`.',
  ),
  'websocket.read_buffer_size': noEffect(
    { fallback: 0, type: whole(0) },
    'there are no such buffers.',
  ),
  'websocket.write_buffer_size': noEffect({ fallback: 0, type: whole(0) }, 'as before.'),
  'websocket.use_write_buffer_pool': noEffect({ fallback: false, type: trueOrFalse }, 'as before.'),

  'channel.max_length': limit(255, 'Bytes of a channel name.'),
  'channel.history_meta_ttl': key({
    fallback: 720 * 3_600_000,
    type: duration({ leastMs: 1_000, wholeSeconds: true }),
    help: 'How long offset and epoch are kept after the last publication.',
  }),
  'channel.publication_data_format': key<(typeof DATA_FORMATS)[number]>({
    fallback: '',
    type: oneOf(DATA_FORMATS),
    help: '`json_object`: publications with other data are refused.',
  }),

  'http_api.key': secret('What API requests must show.'),
  'http_api.disabled': off('No API.'),
  'http_api.insecure': off('The API without a key: for development.'),
  'http_api.external': off('The API on the main port too, where there is an internal one.'),
  'http_api.error_mode': key({
    fallback: '',
    type: oneOf(['', 'transport']),
    help: '`transport`: API errors are HTTP statuses.',
  }),
  'http_api.handler_prefix': path('/api', 'Path of the API.'),
  'prometheus.enabled': off('`GET /metrics` has figures for Prometheus.'),
  'prometheus.handler_prefix': path('/metrics', 'Path of the figures.'),
  'health.enabled': off('`GET /health` answers 200.'),
  'health.handler_prefix': path('/health', 'Path of the health check.'),
  'log.level': key<(typeof LOG_LEVELS)[number]>({
    fallback: 'info',
    type: oneOf(LOG_LEVELS),
    help: 'What is logged to stderr, as JSON lines.',
  }),
  'node.name': path('', 'Name of this process in `info`; empty: host and port.'),
  'shutdown.timeout': seconds(30, 'How long closing may take at most.'),
  'usage_stats.disabled': noEffect(
    { fallback: true, type: trueOrFalse },
    'nothing is ever sent anywhere.',
  ),
};

export type KeyValues = Values<typeof keys>;
