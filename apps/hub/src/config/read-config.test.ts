import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hubOptions } from './hub-options.ts';
import { keys } from './keys.ts';
import { needsRestart } from './needs-restart.ts';
import { offChannelKeys, offKeys } from './off-keys.ts';
import { readConfig } from './read-config.ts';

const minimal = {
  client: { token: { hmac_secret_key: 'the connection key' } },
  http_api: { key: 'the api key' },
};

type Tree = Readonly<Record<string, unknown>>;

/** The minimal configuration with these sections merged in. */
function merged(base: Tree, more: Tree): Tree {
  const isTree = (value: unknown): value is Tree =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = Object.entries(more).map(([name, value]) => {
    const before = base[name];
    return [name, isTree(before) && isTree(value) ? merged(before, value) : value];
  });
  return { ...base, ...Object.fromEntries(entries) };
}

function read(more: Tree = {}, env: Record<string, string> = {}) {
  return readConfig(JSON.stringify(merged(minimal, more)), env);
}

function config(more: Tree = {}, env: Record<string, string> = {}) {
  const result = read(more, env);
  if (!result.ok) throw new Error(result.faults.join('\n'));
  return result.config;
}

function faults(more: Tree = {}, env: Record<string, string> = {}): readonly string[] {
  const result = read(more, env);
  return result.ok ? [] : result.faults;
}

/** A tree with one value, at a path with dots. */
function at(path: string, value: unknown): Tree {
  return path
    .split('.')
    .reverse()
    .reduce<unknown>((inner, name) => ({ [name]: inner }), value) as Tree;
}

test('what is not given has the default of Centrifugo', () => {
  const { keys: values, withoutNamespace, namespaces } = config();
  expect(values['http_server.port']).toBe(8000);
  expect(values['client.ping_interval']).toBe(25_000);
  expect(values['channel.history_meta_ttl']).toBe(2_592_000_000);
  expect(withoutNamespace.history_size).toBe(0);
  expect(namespaces).toEqual([]);
});

test('the configuration of the documentation reaches the hub', () => {
  const options = hubOptions(
    config({
      client: {
        channel_limit: 500,
        queue_max_size: 4_194_304,
        recovery_max_publication_limit: 1000,
      },
      channel: {
        without_namespace: { history_size: 1000, history_ttl: '24h', force_recovery: true },
        namespaces: [
          { name: 'chat', presence: true, join_leave: true, channel_regex: '^[a-z]+$' },
          { name: 'news', history_size: 1, history_ttl: '1m30s', history_meta_ttl: '48h' },
        ],
        publication_data_format: 'json_object',
      },
      websocket: { message_size_limit: 131_072 },
    }),
  );
  expect(options.limits).toMatchObject({
    channels: 500,
    queueBytes: 4_194_304,
    recoveryPublications: 1000,
    historyPublications: 300,
    messageBytes: 131_072,
    pingMs: 25_000,
  });
  expect(options.channels).toMatchObject({
    withoutNamespace: {
      historySize: 1000,
      historyTtlMs: 86_400_000,
      historyMetaTtlMs: 2_592_000_000,
      forceRecovery: true,
      publicationDataFormat: 'json_object',
    },
    namespaces: {
      chat: { presence: true, joinLeave: true, channelRegex: '^[a-z]+$' },
      news: { historySize: 1, historyTtlMs: 90_000, historyMetaTtlMs: 172_800_000 },
    },
  });
});

/** Of a Centrifugo with Redis and an outbox, behind TLS; every key exists in v6. */
const production = {
  http_server: {
    address: '0.0.0.0',
    port: 8000,
    internal_address: '127.0.0.1',
    internal_port: '9000',
    tls: { enabled: true, cert_pem: '/etc/tls/fullchain.pem', key_pem: '/etc/tls/privkey.pem' },
    tls_external: true,
  },
  client: {
    token: { hmac_secret_key: 'one', audience: 'centrifugo', issuer: 'telex' },
    subscription_token: { enabled: true, hmac_secret_key: 'two', audience: 'centrifugo' },
    allowed_origins: ['https://app.example.com'],
    disallow_anonymous_connection_tokens: true,
    allow_anonymous_connect_without_token: false,
    insecure: false,
    ping_interval: '25s',
    pong_timeout: '8s',
    stale_close_delay: '10s',
    expired_close_delay: '25s',
    expired_sub_close_delay: '25s',
    channel_limit: 128,
    queue_max_size: 4_194_304,
    connection_limit: 50_000,
    user_connection_limit: 20,
    connection_rate_limit: 0,
    history_max_publication_limit: 300,
    recovery_max_publication_limit: 1000,
    channel_position_check_delay: '40s',
    concurrency: 0,
  },
  websocket: { message_size_limit: 131_072, write_timeout: '1s', compression: false },
  channel: {
    history_meta_ttl: '720h',
    max_length: 255,
    without_namespace: {
      history_size: 1000,
      history_ttl: '24h',
      force_recovery: true,
      force_recovery_mode: 'stream',
      channel_regex: '^[0-9a-f-]{36}/[0-9a-f-]{36}$',
      publication_data_format: 'json_object',
      allow_subscribe_for_client: false,
      presence: false,
    },
    namespaces: [],
  },
  proxies: [],
  http_api: { key: 'three', external: false, error_mode: 'transport' },
  engine: { type: 'redis', redis: { address: ['redis://127.0.0.1:6379'], prefix: 'centrifugo' } },
  consumers: [{ enabled: true, name: 'outbox', type: 'postgresql', postgresql: { dsn: 'x' } }],
  admin: { enabled: false },
  swagger: { enabled: false },
  debug: { enabled: false },
  prometheus: { enabled: true },
  health: { enabled: true },
  log: { level: 'info' },
  shutdown: { timeout: '30s' },
  usage_stats: { disabled: true },
  node: { name: 'push-1' },
};

test('of a configuration for production only Redis and the outbox are refused', () => {
  const { engine, consumers, ...rest } = production;
  expect(readConfig(JSON.stringify(rest), {})).toMatchObject({ ok: true });
  expect(readConfig(JSON.stringify({ ...rest, engine, consumers }), {})).toMatchObject({
    faults: [
      expect.stringMatching(/^engine\.type can only be "memory"/),
      expect.stringMatching(/^engine\.redis is not supported/),
      expect.stringMatching(/^consumers can only be an empty list/),
    ],
  });
});

test('every key that is not obeyed is refused by its path, all of them together', () => {
  const found = faults({
    client: { pingg: 1, proxy: { connect: { enabled: true, endpoint: 'x' } } },
    channel: {
      without_namespace: { history_sise: 1 },
      namespaces: [{ name: 'ab', colour: 'red' }],
    },
    engine: { type: 'redis', redis: { address: 'x' } },
    colour: { of: 'nothing' },
    websocket: { compression: true },
  });
  expect(found).toEqual([
    expect.stringMatching(/^client\.pingg is not a key that telex-hub has/),
    expect.stringMatching(/^client\.proxy\.connect\.enabled can only be false: telex-hub calls no/),
    expect.stringMatching(/^client\.proxy\.connect\.endpoint is not supported: telex-hub calls no/),
    expect.stringMatching(/^channel\.without_namespace\.history_sise is not a key/),
    expect.stringMatching(/^engine\.type can only be "memory": everything is kept in this one/),
    expect.stringMatching(/^engine\.redis is not supported: everything is kept in this one/),
    expect.stringMatching(/^colour is not a key/),
    expect.stringMatching(/^websocket\.compression can only be false/),
    expect.stringMatching(/^channel\.namespaces\[0\]\.colour is not a key/),
  ]);
});

test.each(Object.entries(offKeys))('%s is accepted where it is off', (path, { value }) => {
  expect(faults(at(path, value))).toEqual([]);
});

test.each(Object.entries(offChannelKeys))(
  'the channel option %s is accepted where it is off',
  (name, { value }) => {
    expect(faults({ channel: { without_namespace: { [name]: value } } })).toEqual([]);
  },
);

test.each(Object.keys(keys))('%s must have a value of its type, and says which', (path) => {
  const [fault] = faults(at(path, { no: 'value' }));
  expect(fault).toMatch(new RegExp(`^${path.replaceAll('.', '\\.')} must be .{5,}\\.$`));
});

test('a wrong value is not repeated, since it may be a secret in the wrong place', () => {
  const secret = 'do not print me';
  const found = faults({
    http_server: { port: secret },
    client: { token: { hmac_secret_key: [secret] }, ping_interval: secret },
    log: { level: secret },
  });
  expect(found).toHaveLength(4);
  expect(found.join()).not.toContain(secret);
  const broken = readConfig(`{"http_api":{"key":"${secret}" "x"}}`, {});
  expect(broken).toMatchObject({ ok: false, faults: [expect.stringMatching(/position \d+/)] });
  expect(JSON.stringify(broken)).not.toContain(secret);
});

test('secrets that are missing are named', () => {
  const none = readConfig('{}', {});
  expect(none).toMatchObject({
    faults: [
      expect.stringMatching(/^client\.token\.hmac_secret_key is missing/),
      expect.stringMatching(/^http_api\.key is missing/),
    ],
  });
  expect(faults({ client: { subscription_token: { enabled: true } } })).toEqual([
    expect.stringMatching(/^client\.subscription_token\.hmac_secret_key is missing/),
  ]);
  const without = {
    client: { token: { hmac_secret_key: '' }, insecure: true },
    http_api: { key: '', insecure: true },
  };
  expect(faults(without)).toEqual([]);
  expect(faults({ http_api: { key: '', disabled: true } })).toEqual([]);
});

test.each([
  [{ without_namespace: { history_size: 1 } }, /^channel\.without_namespace: history needs both/],
  [{ without_namespace: { history_ttl: '1s' } }, /^channel\.without_namespace: history needs both/],
  [{ without_namespace: { force_recovery: true } }, /force_recovery needs history_size/],
  [
    { without_namespace: { history_size: 1, history_ttl: '1500ms' } },
    /^channel\.without_namespace\.history_ttl must be a duration in whole seconds/,
  ],
  [
    { history_meta_ttl: '1h', without_namespace: { history_size: 1, history_ttl: '24h' } },
    /history_ttl must not be longer than history_meta_ttl/,
  ],
  [{ without_namespace: { channel_regex: '(' } }, /channel_regex is no regular expression/],
  [{ without_namespace: [] }, /^channel\.without_namespace must be an object/],
  [{ namespaces: {} }, /^channel\.namespaces must be a list/],
  [{ namespaces: ['chat'] }, /^channel\.namespaces\[0\]/],
  [{ namespaces: [{ name: 'a' }] }, /^channel\.namespaces\[0\]\.name must have two or more/],
  [{ namespaces: [{ name: 'a:b' }] }, /^channel\.namespaces\[0\]\.name must have two or more/],
  [{ namespaces: [{}] }, /^channel\.namespaces\[0\]\.name must be a text/],
  [{ namespaces: [{ name: 'ab' }, { name: 'ab' }] }, /^channel\.namespaces\[1\]\.name is taken/],
  [
    { namespaces: [{ name: 'ab', history_size: 5 }] },
    /^channel\.namespaces\[0\]: history needs both/,
  ],
])('channels that contradict themselves are refused: %j', (channel, fault) => {
  expect(faults({ channel })[0]).toMatch(fault);
});

test.each([
  [{ client: { ping_interval: '8s' } }, /^client\.pong_timeout must be less/],
  [{ client: { allowed_origins: ['['] } }, /^client\.allowed_origins has the pattern "\["/],
  [{ client: { token: { issuer_regex: '(' } } }, /^client\.token\.issuer_regex is no regular/],
  [
    { client: { token: { audience: 'a', audience_regex: 'a' } } },
    /^client\.token\.audience_regex and client\.token\.audience exclude each other/,
  ],
  [{ http_server: { internal_port: '8000' } }, /^http_server\.internal_port must be another/],
  [
    { http_server: { tls: { enabled: true, cert_pem: 'x' } } },
    /^http_server\.tls\.key_pem is missing/,
  ],
  [{ http_api: { handler_prefix: 'api' } }, /^http_api\.handler_prefix must begin with a slash/],
  [{ http_api: { handler_prefix: '/health' } }, /^health\.handler_prefix must be another than/],
  [{ http_server: 8000 }, /^http_server must be an object/],
])('keys that contradict each other are refused: %j', (more, fault) => {
  expect(faults(more)[0]).toMatch(fault);
});

test('variables of the environment win over the file', () => {
  const {
    keys: values,
    withoutNamespace,
    namespaces,
  } = config(
    { http_server: { port: 1 }, client: { allowed_origins: ['x'] } },
    {
      CENTRIFUGO_HTTP_SERVER_PORT: '8001',
      CENTRIFUGO_CLIENT_ALLOWED_ORIGINS: 'https://a.example https://b.example',
      CENTRIFUGO_CHANNEL_WITHOUT_NAMESPACE_PRESENCE: 'true',
      CENTRIFUGO_CHANNEL_NAMESPACES: '[{"name":"chat","presence":true}]',
      CENTRIFUGO_CLIENT_TOKEN_HMAC_SECRET_KEY: 'from the environment',
    },
  );
  expect(values['http_server.port']).toBe(8001);
  expect(values['client.allowed_origins']).toEqual(['https://a.example', 'https://b.example']);
  expect(values['client.token.hmac_secret_key']).toBe('from the environment');
  expect(withoutNamespace.presence).toBe(true);
  expect(namespaces).toMatchObject([{ name: 'chat', presence: true }]);
  expect(faults({}, { CENTRIFUGO_ADMIN_ENABLED: 'true' })).toEqual([
    expect.stringMatching(/^admin\.enabled can only be false/),
  ]);
  expect(read({}, { CENTRIFUGO_CLIENT_PINGG: '1', PATH: 'x' })).toMatchObject({
    unknownVariables: ['CENTRIFUGO_CLIENT_PINGG'],
  });
});

test('null is as if it were not there', () => {
  const nulls = { client: { ping_interval: null }, channel: { namespaces: null }, admin: null };
  expect(faults(nulls)).toEqual([]);
});

test('token keys and certificate need no restart, all else does', () => {
  const before = config();
  const tokens = { token: { hmac_secret_key: 'new', hmac_previous_secret_key: 'old' } };
  expect(needsRestart(before, config({ client: tokens }))).toEqual([]);
  const after = config({ http_api: { key: 'new' }, channel: { namespaces: [{ name: 'ab' }] } });
  expect(needsRestart(before, after)).toEqual(['http_api.key', 'channel.namespaces']);
});

test('no text, however strange, does more than be refused or read', () => {
  const names = Object.keys(keys).flatMap((path) => path.split('.'));
  const leaf = fc.oneof(fc.constantFrom<unknown>('25s', true, 8000, '', [], null), fc.jsonValue());
  const tree = fc.letrec((tie) => ({
    node: fc.dictionary(
      fc.oneof(fc.constantFrom('namespaces', 'without_namespace', 'name', ...names), fc.string()),
      fc.oneof({ maxDepth: 3 }, leaf, tie('node')),
      { maxKeys: 6 },
    ),
  })).node;
  const text = fc.oneof(
    tree.map((value) => JSON.stringify(value)),
    fc.string(),
  );
  fc.assert(
    fc.property(text, (given) => {
      const result = readConfig(given, {});
      if (!result.ok) expect(result.faults.length).toBeGreaterThan(0);
    }),
    { seed: Number(process.env.TELEX_FUZZ_SEED ?? 5), numRuns: 500 },
  );
});

test('a namespace that is no object is one fault, not a missing name too', () => {
  expect(read({ channel: { namespaces: [5] } })).toEqual({
    ok: false,
    faults: ['channel.namespaces[0] must be an object.'],
  });
});
