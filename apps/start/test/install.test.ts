import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
let root = '';
let home = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'telex-install-'));
  home = join(root, "Hélène o'Neil 100% $HOME");
  mkdirSync(home);
});
afterEach(() => rmSync(root, { recursive: true }));

/** With nothing in the environment but a home folder. */
const bare = () =>
  ({ cwd: root, encoding: 'utf8', env: { HOME: home, PATH: '/usr/bin:/bin' } }) as const;
const start = (...words: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [MAIN, ...words], bare());
const launcher = () => join(home, '.local', 'bin', 'telex-start');
const launch = (...words: string[]) => spawnSync(launcher(), words, bare());
const entry = () => join(home, '.local', 'share', 'applications', 'telex-start.desktop');
const autostart = () => join(home, '.config', 'autostart', 'telex-start.desktop');

test('installed into a home of any name it runs by itself, and uninstalled nothing of it is left', () => {
  const installed = start('install', '--autostart', '--server', 'https://telex.example', '--json');
  expect(installed.stderr).toBe('');
  const { written, settings } = JSON.parse(installed.stdout);
  expect(written).toEqual(expect.arrayContaining([launcher(), entry(), autostart()]));
  expect(JSON.parse(readFileSync(settings, 'utf8'))).toEqual({ server: 'https://telex.example' });

  expect(launch('--version').stdout).toMatch(/^telex-start \d/);
  const status = launch('status');
  expect([status.status, status.stderr]).toEqual([3, expect.stringContaining('not running')]);
  expect(launch('install').stdout).toContain('Everything is in place already.');

  const withoutAutostart = start('install', '--no-autostart');
  expect(withoutAutostart.stdout).toContain(`Removed:\n  ${autostart()}`);
  expect(existsSync(autostart())).toBe(false);

  expect(start('uninstall').stdout).toContain(launcher());
  expect(written.filter((file: string) => existsSync(file))).toEqual([]);
  expect(existsSync(join(home, '.local', 'share'))).toBe(false);
  expect(existsSync(settings)).toBe(true);
  expect(start('uninstall').stdout).toBe('Telex Start is not installed for you.\n');
});

test('an entry that the user changed is named and stays', () => {
  start('install');
  appendFileSync(entry(), 'X-Mine=yes\n');
  expect(start('install').stderr).toContain(`${entry()} is there already`);
  const { kept } = JSON.parse(start('uninstall', '--json').stdout);
  expect(kept).toEqual([entry()]);
  expect(readFileSync(entry(), 'utf8')).toContain('X-Mine=yes');
});

test('a wrong server or certificate is told before anything is written', () => {
  expect(start('install', '--server', 'telex').status).toBe(2);
  expect(start('install', '--ca', join(root, 'none.pem')).status).toBe(2);
  expect(existsSync(dirname(launcher()))).toBe(false);
});
