import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPushChannel } from '@telex/contract';
import { defaultLimits } from '@telex/hub';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderUnreadThreadChange } from '../../events/push-payload.ts';
import { settingsOf } from '../../testing/server-rig.ts';
import { PUSH_HISTORY } from '../push-history.ts';
import { commandHelp, readCommandWords, writeCentrifugoConfig } from './config-command.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'telex-config-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** As the program does. */
function run(...words: string[]): string {
  const read = readCommandWords(words);
  if (!read.ok) throw new Error(read.faults.join('\n'));
  const settings = settingsOf(['--data', dataDir, ...read.rest, '--push', 'centrifugo']);
  return writeCentrifugoConfig({ settings, given: read.given, env: {}, nowMs: Date.now() });
}
const configOf = (...words: string[]): ReturnType<typeof JSON.parse> =>
  JSON.parse(run('--out', '-', ...words));
const file = (name: string) => join(dataDir, name);
const modeOf = (name: string) => statSync(file(name)).mode & 0o777;

describe("Centrifugo's configuration", () => {
  it('has the keys of the data directory, and an API key of its own that stays', () => {
    const { client, http_api } = configOf();
    const keys = JSON.parse(readFileSync(file('keys.json'), 'utf8'));
    expect(client.token.hmac_secret_key).toBe(keys.connection);
    expect(client.subscription_token).toEqual({
      enabled: true,
      hmac_secret_key: keys.subscription,
    });
    expect(http_api.key).toBe(readFileSync(file('centrifugo-api.key'), 'utf8').trim());
    expect(modeOf('centrifugo-api.key')).toBe(0o600);
    expect(configOf()).toEqual(configOf());
  });

  it('is written whole, for the owner only, also over one that others could read', () => {
    writeFileSync(file('centrifugo.json'), 'old', { mode: 0o644 });
    chmodSync(file('centrifugo.json'), 0o644);
    const said = run();
    expect(said).toContain(file('centrifugo.json'));
    expect(modeOf('centrifugo.json')).toBe(0o600);
    expect(JSON.parse(readFileSync(file('centrifugo.json'), 'utf8'))).toEqual(configOf());
    expect(said).not.toContain(configOf().http_api.key);
    expect(readdirSync(dataDir).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('goes to another place, and says where it cannot', () => {
    run('--out', file('elsewhere.json'));
    expect(modeOf('elsewhere.json')).toBe(0o600);
    writeFileSync(file('a-file'), '');
    expect(() => run('--out', join(dataDir, 'a-file', 'x.json'))).toThrow(
      /cannot be written \(E\w+\)\. Choose another place with --out/,
    );
  });

  it('lets a recovery of a whole history through', () => {
    const { client, channel } = configOf();
    const long = '\u0001'.repeat(2000);
    const longest = renderUnreadThreadChange(
      { id: 'i'.repeat(36), seq: Number.MAX_SAFE_INTEGER, occurredAt: 0 },
      {
        id: 'i'.repeat(36),
        organisation_id: 'i'.repeat(36),
        name: '\u0001'.repeat(200),
        description: long,
        topic: long,
        owner_id: 'i'.repeat(36),
        owner_name: '\u0001'.repeat(200),
        archived: 0,
        is_private: 0,
        is_dm: 0,
        created_at: 0,
      },
      {
        threadId: 'i'.repeat(36),
        messageId: 'i'.repeat(36),
        authorId: 'i'.repeat(36),
        authorName: '\u0001'.repeat(200),
        content: '\u0001'.repeat(20_000),
        eventName: '\u0001'.repeat(200),
      },
    );
    const { history_size: size } = channel.without_namespace;
    expect(size).toBeLessThanOrEqual(client.recovery_max_publication_limit);
    expect(size * Buffer.byteLength(longest)).toBeLessThan(client.queue_max_size);
  });

  it('has history, limits and times of the embedded hub', () => {
    const { client, channel, websocket } = configOf();
    expect(channel.without_namespace.history_size).toBe(PUSH_HISTORY.size);
    expect(channel.without_namespace.history_ttl).toBe(`${PUSH_HISTORY.ttlMs / 1000}s`);
    expect(channel.history_meta_ttl).toBe(`${PUSH_HISTORY.metaTtlMs / 1000}s`);
    expect([client.ping_interval, client.pong_timeout]).toEqual(['25s', '8s']);
    expect(client.channel_limit).toBe(defaultLimits.channels);
    expect(websocket.message_size_limit).toBe(defaultLimits.messageBytes);
  });

  it('knows the same channels as we do', () => {
    const regex = new RegExp(configOf().channel.without_namespace.channel_regex);
    const channels = [
      'o/u',
      `${'o'.repeat(128)}/u`,
      `${'o'.repeat(129)}/u`,
      'o/u/x',
      'n:o/u',
      '/u',
      '',
    ];
    for (const channel of channels) {
      expect([channel, regex.test(channel)]).toEqual([
        channel,
        readPushChannel(channel) !== undefined,
      ]);
    }
  });

  it('listens where the settings look for it', () => {
    expect(configOf().http_server).toEqual({ address: '127.0.0.1', port: 8000 });
    expect(configOf('--centrifugo-api', 'http://push:9000/api').http_server).toEqual({
      address: '0.0.0.0',
      port: 9000,
    });
    expect(
      configOf(
        '--centrifugo-api=http://127.0.0.1:9000',
        '--centrifugo-socket=ws://push:8000/connection/websocket',
      ).http_server,
    ).toEqual({
      address: '0.0.0.0',
      port: 8000,
      internal_address: '127.0.0.1',
      internal_port: '9000',
    });
  });

  it('takes pages of our own origin, where it is told, and audience and issuer', () => {
    expect(configOf().client.allowed_origins).toEqual([]);
    const { client } = configOf(
      ...['--public-url', 'https://telex.example.com'],
      ...['--token-audience', 'push', '--token-issuer', 'telex'],
    );
    expect(client.allowed_origins).toEqual(['https://telex.example.com']);
    for (const kind of [client.token, client.subscription_token]) {
      expect([kind.audience, kind.issuer]).toEqual(['push', 'telex']);
    }
  });

  it('keeps history in Redis, whose password comes from a file', () => {
    expect(configOf().engine).toEqual({ type: 'memory' });
    writeFileSync(file('pw'), 'p@ss word\n');
    const { engine } = configOf(
      ...['--redis', 'redis://127.0.0.1:6379', '--redis-password-file', file('pw')],
    );
    expect(engine.redis).toEqual({ address: ['redis://127.0.0.1:6379'], password: 'p@ss word' });
    expect(() =>
      run('--redis', 'redis://127.0.0.1:6379', '--redis-password-file', file('gone')),
    ).toThrow('there is no such file');
  });

  it('uses an API key of the operator, which has to be there and one word', () => {
    const own = ['--centrifugo-api-key-file', file('own.key')];
    expect(() => configOf(...own)).toThrow('own.key, of --centrifugo-api-key-file, is not there');
    writeFileSync(file('own.key'), 'two words\n');
    expect(() => configOf(...own)).toThrow('holds no key');
    writeFileSync(file('own.key'), 'mine\n');
    expect(configOf(...own).http_api.key).toBe('mine');
  });
});

describe('the words of the command', () => {
  it.each([
    [['--redis'], '--redis needs a value: --redis URL.'],
    [
      ['--redis', 'redis://:hunter2@127.0.0.1'],
      '--redis must be an address such as redis://127.0.0.1:6379, without a password.',
    ],
    [['--redis-password-file', 'pw'], '--redis-password-file is for --redis URL: give both.'],
  ])('%o are refused', (words, fault) => {
    expect(readCommandWords(words)).toEqual({ ok: false, faults: [fault] });
  });

  it('leave the others to the settings', () => {
    expect(readCommandWords(['--data', 'x', '--out=-', '--http', '--nonsense'])).toEqual({
      ok: true,
      given: { out: '-' },
      rest: ['--data', 'x', '--http', '--nonsense'],
    });
  });

  it('are in its help', () => {
    for (const flag of ['--redis URL', '--redis-password-file FILE', '--out FILE']) {
      expect(commandHelp()).toContain(flag);
    }
  });
});
