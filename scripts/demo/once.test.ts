import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

test('`npm start -- --once` brings a message from the API to a notification, on the real programs', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, '--once'], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/Grace Demo: Hello! This is your first Telex notification\./);
  expect(stdout).toMatch(/^Shown [\d.]+ ms after/m);
  expect(status).toBe(0);
}, 60_000);

test('a wrong option ends with 2 and the options that there are', () => {
  const { status, stderr } = spawnSync(process.execPath, [main, '--onec'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('npm start -- --once');
});
