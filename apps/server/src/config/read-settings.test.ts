import { describe, expect, it } from 'vitest';
import { helpText } from './help.ts';
import { envName, optionNames } from './options.ts';
import { readSettings, type Sources } from './read-settings.ts';

function sources(given: Partial<Sources> & { file?: string } = {}): Sources {
  return {
    argv: given.argv ?? [],
    env: given.env ?? {},
    readFile: (path) =>
      given.file === undefined || path !== 'telex.json'
        ? { ok: false, reason: 'there is no such file' }
        : { ok: true, text: given.file },
  };
}

function settingsOf(given: Parameters<typeof sources>[0]) {
  const result = readSettings(sources(given));
  if (!result.ok) throw new Error(result.faults.join('\n'));
  return result.settings;
}

function faultsOf(given: Parameters<typeof sources>[0]) {
  const result = readSettings(sources(given));
  return result.ok ? [] : result.faults;
}

describe('the settings', () => {
  it('need nothing', () => {
    const settings = settingsOf({});
    expect([settings.host, settings.port, settings.http]).toEqual(['127.0.0.1', 8443, false]);
  });

  it('come from flags before the environment before the file', () => {
    const argv = ['--config', 'telex.json', '--port=1'];
    const env = { TELEX_PORT: '2', TELEX_LOG_LEVEL: 'warn' };
    const file = '{"port":3,"log_level":"error","registration":false,"tls-names":["a.example"]}';
    const settings = settingsOf({ argv, env, file });
    expect(settings.port).toBe(1);
    expect(settings['log-level']).toBe('warn');
    expect(settings.registration).toBe(false);
    expect(settings['tls-names']).toEqual(['a.example']);
  });

  it('take a data directory from TELEX_DATA_DIR', () => {
    expect(settingsOf({ env: { TELEX_DATA_DIR: '/srv/telex' } }).data).toBe('/srv/telex');
  });

  it('read rates, lists and switches', () => {
    const settings = settingsOf({
      argv: ['--rate-user', '5/0.5', '--rate-anonymous', 'off', '--registration', 'off'],
      env: { TELEX_TRUSTED_PROXIES: '10.0.0.0/8, ::1' },
    });
    expect(settings['rate-user']).toEqual({ burst: 5, perSecond: 0.5 });
    expect(settings['rate-anonymous'].perSecond).toBe(0);
    expect(settings['trusted-proxies']).toEqual(['10.0.0.0/8', '::1']);
  });

  it('lift all limits with one switch', () => {
    const settings = settingsOf({ argv: ['--rate-limit', 'off', '--rate-user', '5/1'] });
    const rates = [settings['rate-user'], settings['rate-anonymous'], settings['rate-webhook']];
    expect(rates.map(({ perSecond }) => perSecond)).toEqual([0, 0, 0]);
  });

  it('report every fault at once, each with its place', () => {
    const faults = faultsOf({
      argv: ['--port', '99999', '--nonsense', '--config', 'telex.json', '--tls-cert', 'c.pem'],
      env: { TELEX_LOG_LEVEL: 'loud', TELEX_TRUSTED_PROXIES: '10.0.0.0/99' },
      file: '{"rate_user":"many","demo":true,"hosst":"x","tls_names":[7]}',
    });
    expect(faults).toEqual([
      '--nonsense is not a setting; --help lists them all.',
      'demo in telex.json is not a setting of the file; --help lists them all.',
      'hosst in telex.json is not a setting of the file; --help lists them all.',
      '--port must be a whole number from 0 to 65535.',
      'tls_names in telex.json must be a list of host names or addresses.',
      'TELEX_TRUSTED_PROXIES must be a list of addresses or networks.',
      'rate_user in telex.json must be burst/per-second such as 600/20, or off.',
      'TELEX_LOG_LEVEL must be one of debug, info, warn, error, silent.',
      '--tls-cert and --tls-key belong together: give both, or neither.',
    ]);
  });

  it.each([
    ['a flag without its value', { argv: ['--port'] }, '--port needs a value: --port PORT.'],
    [
      'TLS files with --http',
      { argv: ['--http', '--tls-cert', 'c', '--tls-key', 'k'] },
      '--http means no TLS: leave out --http, or --tls-cert and --tls-key.',
    ],
    [
      'a file that is missing',
      { argv: ['--config', 'gone.json'] },
      'The settings file gone.json cannot be read: there is no such file.',
    ],
    [
      'a file that is no object',
      { argv: ['--config', 'telex.json'], file: '[1' },
      'The settings file telex.json must hold one JSON object.',
    ],
    [
      'an address with a path',
      { argv: ['--public-url', 'https://a.example/x'] },
      '--public-url must be an address such as https://telex.example.com.',
    ],
    [
      'a push server that is none',
      { argv: ['--push', 'carrier-pigeon'] },
      '--push must be one of embedded, centrifugo.',
    ],
    [
      'a shared data directory with a push server for each',
      { argv: ['--share-data', 'on'] },
      '--share-data needs one push server for all: add --push centrifugo, or leave out --share-data.',
    ],
    [
      'settings of Centrifugo for the embedded push server',
      { argv: ['--centrifugo-api', 'http://127.0.0.1:8000'] },
      '--centrifugo-api is for --push centrifugo: add that, or leave out --centrifugo-api.',
    ],
    [
      'a key in an address',
      { argv: ['--push', 'centrifugo', '--centrifugo-api', 'http://hunter2@127.0.0.1:8000'] },
      '--centrifugo-api must be an address such as http://127.0.0.1:8000.',
    ],
    [
      'an address of a WebSocket that is none',
      { argv: ['--push', 'centrifugo', '--centrifugo-url', 'https://push.example.com'] },
      '--centrifugo-url must be an address such as wss://push.example.com/connection/websocket.',
    ],
  ])('refuse %s', (_what, given, fault) => {
    expect(faultsOf(given)).toEqual([fault]);
  });

  it('never echo a value, which may be a secret pasted into the wrong place', () => {
    const faults = faultsOf({ argv: ['--secret=hunter2', '--port=hunter2'] });
    expect(faults.join('\n')).not.toContain('hunter2');
  });

  it('are all in the help', () => {
    const help = helpText();
    for (const name of optionNames()) expect(help).toContain(`--${name}`);
    expect(help).toContain(envName('port'));
    expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});
