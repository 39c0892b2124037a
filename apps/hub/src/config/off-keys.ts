import { nothing, only, type Type } from './types.ts';

/** A key whose function is missing here: accepted with the value that switches it off. */
export interface OffKey {
  /** With which it is accepted. */
  readonly value: unknown;
  readonly type: Type<unknown>;
  /** What to do in place of switching it on. */
  readonly instead: string;
}

const REDIS = 'everything is kept in this one process; for Redis or NATS run Centrifugo.';
const CENTRIFUGO = 'telex-hub does not have this; run Centrifugo for it.';
const PROXY = 'telex-hub calls no backend; decide with tokens, or run Centrifugo.';

const exactly = (value: string | number | boolean, instead: string): OffKey => ({
  value,
  type: only(value),
  instead,
});
const isFalse = (instead: string) => exactly(false, instead);
const none = (instead: string): OffKey => ({ value: [], type: nothing, instead });

/** What is off by default in Centrifugo and cannot be switched on here. */
export const offKeys: Readonly<Record<string, OffKey>> = {
  'engine.type': exactly('memory', REDIS),
  'broker.enabled': isFalse(REDIS),
  'presence_manager.enabled': isFalse(REDIS),
  'http_server.tls_autocert.enabled': isFalse('use http_server.tls with certificate and key.'),
  'http_server.internal_tls.enabled': isFalse('bind the internal port to a private address.'),
  'http_server.http3.enabled': isFalse(CENTRIFUGO),
  'client.proxy.connect.enabled': isFalse(PROXY),
  'client.proxy.refresh.enabled': isFalse(PROXY),
  'client.connect_include_server_time': isFalse(CENTRIFUGO),
  'client.subscribe_to_user_personal_channel.enabled': isFalse(
    "name the user's channel in the claim `channels` of the connection token.",
  ),
  'prometheus.instrument_http_handlers': isFalse(CENTRIFUGO),
  'client.user_id_http_header': exactly('', 'give clients connection tokens.'),
  'websocket.disabled': isFalse('clients have no other transport here.'),
  'websocket.compression': isFalse('messages are sent as they are, which costs least.'),
  'channel.namespace_boundary': exactly(':', CENTRIFUGO),
  'channel.private_prefix': exactly('$', CENTRIFUGO),
  'channel.user_boundary': exactly('#', CENTRIFUGO),
  'channel.user_separator': exactly(',', CENTRIFUGO),
  'sse.enabled': isFalse('clients connect by WebSocket.'),
  'http_stream.enabled': isFalse('clients connect by WebSocket.'),
  'webtransport.enabled': isFalse('clients connect by WebSocket.'),
  'uni_websocket.enabled': isFalse(CENTRIFUGO),
  'uni_http_stream.enabled': isFalse(CENTRIFUGO),
  'uni_sse.enabled': isFalse(CENTRIFUGO),
  'uni_grpc.enabled': isFalse(CENTRIFUGO),
  'grpc_api.enabled': isFalse('use the HTTP API.'),
  'admin.enabled': isFalse(CENTRIFUGO),
  'swagger.enabled': isFalse('the API is described in docs/hub.md.'),
  'debug.enabled': isFalse(CENTRIFUGO),
  'dev.enabled': isFalse(CENTRIFUGO),
  'graphite.enabled': isFalse('scrape /metrics.'),
  'opentelemetry.enabled': isFalse('scrape /metrics.'),
  proxies: none(PROXY),
  consumers: none('publish by the HTTP API, or run Centrifugo.'),
  'rpc.namespaces': none(PROXY),
};

/** The same for the options of channels. */
export const offChannelKeys: Readonly<Record<string, OffKey>> = {
  delta_publish: isFalse(CENTRIFUGO),
  allowed_delta_types: none(CENTRIFUGO),
  subscribe_proxy_enabled: isFalse(PROXY),
  publish_proxy_enabled: isFalse(PROXY),
  sub_refresh_proxy_enabled: isFalse(PROXY),
  subscribe_stream_proxy_enabled: isFalse(PROXY),
  subscribe_stream_bidirectional: isFalse(PROXY),
  subscribe_proxy_name: exactly('', PROXY),
  publish_proxy_name: exactly('', PROXY),
  sub_refresh_proxy_name: exactly('', PROXY),
  subscribe_stream_proxy_name: exactly('', PROXY),
  subscription_type: exactly('', CENTRIFUGO),
};

/** What to do about keys of Centrifugo that have no such value, by the beginning of their path. */
export const refusals: readonly (readonly [prefix: string, instead: string])[] = [
  ['engine.', REDIS],
  ['broker.', REDIS],
  ['presence_manager.', REDIS],
  ['map_broker', CENTRIFUGO],
  ['controller', REDIS],
  ['http_server.tls_autocert', 'use http_server.tls with certificate and key.'],
  ['http_server.tls.', 'certificate and key are all there is.'],
  ['client.proxy', PROXY],
  ['channel.proxy', PROXY],
  ['rpc', PROXY],
  ['log.file', 'redirect stderr, or let the service manager keep it.'],
  ['pid_file', 'the service manager knows the process.'],
];
