import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { benches } from './benches.ts';

function bench(...args: string[]) {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
}

test('without a name there is a list of the benches', () => {
  const { status, stdout } = bench();
  expect(status).toBe(0);
  for (const name of Object.keys(benches)) expect(stdout).toContain(name);
});

test('an unknown name is refused with the list', () => {
  const { status, stderr } = bench('speed');
  expect(status).toBe(2);
  expect(stderr).toContain('There is no bench called "speed".');
});

test('every bench can be loaded', async () => {
  for (const { load } of Object.values(benches)) {
    expect(typeof (await load()).run).toBe('function');
  }
});
