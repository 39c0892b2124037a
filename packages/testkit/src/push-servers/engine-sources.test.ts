import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { buildEngine } from './build-engine.ts';

const cwd = fileURLToPath(new URL('../../engine', import.meta.url));
const run = promisify(execFile);

test('the engine is formatted, and vet finds nothing in it', { timeout: 120_000 }, async () => {
  // It says what to install where there is no Go.
  await buildEngine();
  expect((await run('gofmt', ['-l', '.'], { cwd })).stdout).toBe('');
  await run('go', ['vet', '-mod=readonly', '.'], { cwd });
});
