import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';

const folders: string[] = [];

/** A launcher for the given TypeScript program, run with the given arguments and one extra pipe as descriptor 3. */
function launchProgram(program: string, args: string[] = [], minimum = '20.0') {
  const folder = mkdtempSync(join(tmpdir(), 'telex-launch-'));
  folders.push(folder);
  writeFileSync(join(folder, 'main.ts'), program);
  const launcher = join(folder, 'launcher.mjs');
  const options = `{ name: 'tool', main: new URL('main.ts', import.meta.url), minimum: '${minimum}' }`;
  const { href } = new URL('launch.mjs', import.meta.url);
  writeFileSync(launcher, `import { launch } from '${href}';\nlaunch(${options});\n`);
  const child = spawn(process.execPath, [launcher, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [, out, errors, fd3] = child.stdio;
  return { child, out: readable(out), errors: readable(errors), fd3: readable(fd3) };
}

function readable(pipe: unknown): Readable {
  if (pipe instanceof Readable) return pipe;
  throw new TypeError('not a pipe to read from');
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test('the program gets the arguments, and its exit code becomes ours', async () => {
  const program = 'console.log(process.argv.slice(2).join("+") as string); process.exit(7);';
  const { child, out } = launchProgram(program, ['status', '--json']);
  const [said, [code]] = await Promise.all([text(out), once(child, 'close')]);
  expect(said).toBe('status+--json\n');
  expect(code).toBe(7);
});

test('a descriptor named by an option is handed on', async () => {
  const program = "import { writeSync } from 'node:fs'; writeSync(3, 'through the pipe');";
  const { errors, fd3 } = launchProgram(program, ['--ready-fd', '3']);
  const [said, complaints] = await Promise.all([text(fd3), text(errors)]);
  expect(complaints).toBe('');
  expect(said).toBe('through the pipe');
});

test('a signal reaches the program, which ends in its own way', async () => {
  const program =
    "process.on('SIGTERM', () => process.exit(5)); setInterval(() => {}, 60_000); console.log('up');";
  const { child, out } = launchProgram(program);
  await once(createInterface({ input: out }), 'line');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([5, null]);
});

test('a launcher that is killed takes its program along', async () => {
  const program = "setInterval(() => {}, 60_000); console.log('up');";
  const { child, out } = launchProgram(program);
  await once(createInterface({ input: out }), 'line');
  child.kill('SIGKILL');
  // The program holds the other end of stdout: it closes when the program has ended.
  await once(child, 'close');
});

test('without a Node that is new enough there is one sentence that says what to do', async () => {
  const { child, errors } = launchProgram('', [], '99.0');
  const [said, [code]] = await Promise.all([text(errors), once(child, 'close')]);
  expect(said).toMatch(/^tool needs Node 99\.0 or newer and this is [\d.]+: run `npm ci .*\n$/);
  expect(code).toBe(1);
});
