import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

/** A process that starts a shell, which starts another program; both numbers are written, and 0 once they are tied. */
const owner = `
import { spawn } from 'node:child_process';
import { tieToUs } from ${JSON.stringify(CHILD)};
const child = spawn('/bin/sh', ['-c', 'sleep 1000 & echo $$; echo $!; wait'], {
  detached: true,
  stdio: ['ignore', 'inherit', 'ignore'],
});
tieToUs(child, 'group');
process.stdout.write('0\\n');
setInterval(() => {}, 1_000);
`;

test('what a killed process has started ends with it, its own children too', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', owner], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const written: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (written.push(Number(line)) === 3) break;
  }
  const started = written.filter((pid) => pid !== 0);
  expect(started.map(runs)).toEqual([true, true]);
  child.kill('SIGKILL');
  await expect.poll(() => started.map(runs), { timeout: 5_000 }).toEqual([false, false]);
});

/** One that nobody has collected yet runs no longer. */
function runs(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) Z /.test(readFileSync(file, 'utf8'));
}
