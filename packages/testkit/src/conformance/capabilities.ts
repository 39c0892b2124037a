/** What a case may need and not every target has, with what it means. A case without needs runs everywhere. */
export const capabilities = {
  'allowed-origins': 'client.allowed_origins is obeyed',
  'anonymous-modes':
    'client.allow_anonymous_connect_without_token, client.disallow_anonymous_connection_tokens',
  'api-batch': 'the API method batch',
  'api-channels': 'the API method channels',
  'api-info': 'the API method info',
  'api-refresh': 'the API method refresh',
  'api-subscribe': 'the API method subscribe',
  'asymmetric-keys': 'tokens signed with RS256, ES256 or EdDSA',
  b64data: 'publications as b64data',
  'channel-regex': 'channel options channel_regex',
  'client-publish': 'clients may publish where the options allow it',
  'client-history': 'clients may read history where the options allow it',
  'connection-rate-limit': 'client.connection_limit and client.connection_rate_limit',
  'epoch-in-first-push': 'the push of offset 1 says the epoch',
  'error-mode': 'http_api.error_mode and the header X-Centrifugo-Error-Mode',
  'forgets-on-restart': 'history lives in the process',
  'history-remove': 'the API method history_remove',
  'hmac-384-512': 'tokens signed with HS384 or HS512',
  'insecure-modes': 'client.insecure, http_api.insecure and their like',
  'join-leave': 'join and leave pushes',
  jwks: 'keys from a JWKS endpoint',
  'keeps-on-restart': 'history and idempotency keys outlive the process',
  'key-rotation': 'hmac_previous_secret_key',
  metrics: 'Prometheus metrics',
  namespaces: 'channel.namespaces',
  overrides: 'override in tokens and in the API method subscribe',
  positioning: 'force_positioning, allow_positioning, allow_recovery',
  presence: 'presence and presence_stats',
  'publication-data-format': 'channel options publication_data_format',
  'reject-unrecovered': 'flag 2 of subscribe: error 112 in place of recovered:false',
  'skip-history': 'publications with skip_history',
  'subscribe-without-token': 'allow_subscribe_for_client and for_anonymous',
  'subscription-info': 'info and data of tokens',
  tags: 'publications with tags',
  'user-limited-channels': 'channels with a # that name their users',
  'user-connection-limit': 'client.user_connection_limit',
} as const satisfies Record<string, string>;

export type Capability = keyof typeof capabilities;

export const allCapabilities: readonly Capability[] = Object.keys(capabilities) as Capability[];
