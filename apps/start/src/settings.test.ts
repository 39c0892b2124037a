import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { readConfig, readEnvironment } from './environment.ts';
import { StartError } from './errors.ts';
import { chooseSettings, noServer } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'telex-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const environment = readEnvironment({ HOME: '/home/ann', TELEX_SERVER: 'https://env.example' });

test('flags win over the environment, and that over the file', () => {
  const config = { server: 'https://file.example', ca: 'file.pem' };
  const flags = { server: 'https://flag.example:8443/' };
  const origin = (given: object) => chooseSettings(given, environment, config).server?.origin;
  expect(origin(flags)).toBe('https://flag.example:8443');
  expect(origin({})).toBe('https://env.example');
  const bare = readEnvironment({ HOME: '/home/ann' });
  expect(chooseSettings({}, bare, config)).toMatchObject({
    server: { origin: 'https://file.example', isLoopbackHttp: false },
    caFile: 'file.pem',
    stateDir: '/home/ann/.local/state/telex',
  });
});

test('without any server the sentence says the three places to name it', () => {
  const bare = readEnvironment({ HOME: '/home/ann', XDG_CONFIG_HOME: '/etc/ann' });
  expect(chooseSettings({}, bare, {}).server).toBeUndefined();
  expect(noServer(bare.configFile).message).toBe(
    'No Telex server is known. Give its address with --server https://…, in TELEX_SERVER, or as "server" in /etc/ann/telex/start.json.',
  );
});

test.each([
  ['nonsense', 'is no web address'],
  ['http://telex.example', 'must begin with https://'],
  ['ftp://telex.example', 'must begin with https://'],
  ['https://ann:hunter2@telex.example', 'must not hold a name or password'],
])('the address %s is refused and not repeated', (address, why) => {
  const attempt = () => chooseSettings({ server: address }, environment, {});
  expect(attempt).toThrow(expect.objectContaining({ code: 'no_server' }));
  expect(attempt).toThrow(why);
  expect(attempt).not.toThrow('hunter2');
});

test('plain http is taken for this machine alone', () => {
  expect(chooseSettings({ server: 'http://127.0.0.1:80' }, environment, {})).toMatchObject({
    server: { origin: 'http://127.0.0.1', isLoopbackHttp: true },
  });
});

test('relative XDG folders are ignored, as their specification says', () => {
  expect(readEnvironment({ HOME: '/h', XDG_STATE_HOME: 'state' }).stateDir).toBe(
    '/h/.local/state/telex',
  );
});

test('a missing configuration file is an empty one', () => {
  expect(readConfig(join(folder, 'none.json'))).toEqual({});
});

test.each([
  ['{', 'it is not valid JSON'],
  ['[]', 'must be an object, not a list'],
  ['{"server":7}', 'server must be string, not a number'],
  ['{"sever":"x"}', 'sever'],
])('the configuration %s is refused with the fault', (text, why) => {
  const file = join(folder, 'start.json');
  writeFileSync(file, text);
  expect(() => readConfig(file)).toThrow(expect.objectContaining({ code: 'bad_config' }));
  expect(() => readConfig(file)).toThrow(why);
});

test('whatever a configuration file holds, the outcome is settings or a typed error', () => {
  const seed = Number(process.env.TELEX_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`configuration: seed ${seed} (TELEX_SEED repeats it)`);
  const file = join(folder, 'fuzz.json');
  const text = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.json().map((json) => `{"server":${json}}`),
  );
  fc.assert(
    fc.property(text, (content) => {
      writeFileSync(file, content);
      try {
        chooseSettings({}, environment, readConfig(file));
      } catch (error) {
        expect(error).toBeInstanceOf(StartError);
      }
    }),
    { seed, numRuns: 200 },
  );
});
