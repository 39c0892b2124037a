import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { startFakeTelex } from '@telex/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleStart } from './bundle.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
let folder = '';
let program = '';
let code = '';
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'telex-bundle-'));
  program = join(folder, 'telex-start.cjs');
  code = await bundleStart();
  writeFileSync(program, code);
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const env = () => ({ HOME: folder, PATH: '/usr/bin:/bin' });
/** Node reads nothing outside the bundle's own folder and what the system has: the permission model of Node refuses it. */
const confined = () => [
  '--permission',
  `--allow-fs-read=${folder}`,
  '--allow-fs-read=/proc',
  '--allow-fs-read=/etc',
  '--allow-fs-read=/usr',
  `--allow-fs-write=${folder}`,
];
const runBundle = (...words: string[]) =>
  spawnSync(process.execPath, [program, ...words], { cwd: folder, env: env(), encoding: 'utf8' });

test('the same sources give the same bytes', async () => {
  expect(await bundleStart()).toBe(code);
});

test('it holds one byte a character, the licences of its packages, and no path of this machine', () => {
  expect(/^[ -~\n\t]*$/.test(code.slice(0, code.lastIndexOf('\n/*')))).toBe(true);
  for (const name of ['centrifuge', 'valibot', 'ws', 'dbus-native']) {
    expect(code).toMatch(new RegExp(`^${name} \\d`, 'm'));
  }
  expect(code).not.toContain(repository);
});

test('help and status run from an empty folder', () => {
  expect(runBundle('--help').stdout).toContain('Usage: telex-start');
  const status = runBundle('status', '--json');
  expect(JSON.parse(status.stdout)).toMatchObject({ ok: false, error: { code: 'not_running' } });
  expect(status.status).toBe(3);
});

test('a whole login, a push and the end, with no file of the repository within reach', async () => {
  const fake = await startFakeTelex();
  const child = spawn(
    process.execPath,
    [
      ...confined(),
      ...[program, 'run', '--server', fake.url, '--control', folder, '--state', folder],
      ...['--credentials-fd', '3', '--report-fd', '4'],
    ],
    { cwd: folder, env: env(), stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] },
  );
  children.push(child);
  const kinds: string[] = [];
  const shown = Promise.withResolvers<string>();
  const lines = createInterface({ input: child.stdio[4] as Readable });
  lines.on('line', (line) => {
    const { kind, text } = JSON.parse(line);
    kinds.push(kind);
    if (kind === 'notification') shown.resolve(text);
    if (kind !== 'caught-up') return;
    fake.publish('org-1/user-1', {
      notification_type: 'unread_thread_change',
      section: 'channels_section',
      notification_id: 'n-1',
      data: { channels_id: 'c', name: 'General', thread_id: 't', text_preview: 'from the bundle' },
    });
  });
  child.once('exit', () => shown.reject(new Error(`it ended: ${kinds.join(' ')}`)));
  (child.stdio[3] as Writable).end('{"email":"ana@example.com","password":"secret"}\n');
  expect(await shown.promise).toBe('from the bundle');
  expect(runBundle('status', '--json', '--control', folder).stdout).toContain('"state":"live"');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(readdirSync(folder)).not.toContain('node_modules');
  await fake.close();
});
