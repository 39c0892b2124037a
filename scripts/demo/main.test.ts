import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** Not the desktop of the one who runs the tests. */
const env = { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '' };
const main = fileURLToPath(new URL('main.ts', import.meta.url));

test.each([
  { push: 'hub', words: '' },
  { push: 'engine', words: ' --push engine' },
  { push: 'engine-redis', words: ' --push engine-redis' },
])(
  '`npm start -- --once$words` brings a message from the API to a notification, on the real programs',
  ({ push }) => {
    const args = [main, '--once', '--push', push];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      env,
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/Grace Demo: Hello! This is your first Telex notification\./);
    expect(stdout).toMatch(/^Shown [\d.]+ ms after/m);
    expect(status).toBe(0);
  },
  60_000,
);

test('a push server that is missing is named, with what to do', () => {
  const { status, stderr } = spawnSync(process.execPath, [main, '--once', '--push', 'centrifugo'], {
    env: { ...env, PATH: '', CENTRIFUGO_BIN: '' },
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(stderr).toContain('Telex failed while starting the push server: centrifugo is missing:');
  expect(status).toBe(1);
}, 60_000);

test('Ctrl-C stops both programs, and the end is no failure', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'telex-demo-test-'));
  const child = spawn(process.execPath, [main, '--data', dataDir, '--port', '0'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let port = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    port = Number(/ready at https:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? port);
    if (line.startsWith('Ctrl-C stops')) break;
  }
  child.kill('SIGINT');
  expect(await exited).toEqual([0, null]);
  const [error] = await once(connect(port, '127.0.0.1'), 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);

test('Exit of Telex Start ends both programs, and is no failure', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'telex-demo-test-'));
  const child = spawn(process.execPath, [main, '--data', dataDir, '--port', '0'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let control = '';
  for await (const line of createInterface({ input: child.stdout })) {
    control = /status --control (\S+)/.exec(line)?.[1] ?? control;
    if (line.startsWith('Ctrl-C stops')) break;
  }
  const start = fileURLToPath(new URL('../../apps/start/src/main.ts', import.meta.url));
  spawnSync(process.execPath, [start, 'exit', '--control', control]);
  expect(await exited).toEqual([0, null]);
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);

test('a wrong option ends with 2 and the options that there are', () => {
  const { status, stderr } = spawnSync(process.execPath, [main, '--onec'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('npm start -- --once');
});
