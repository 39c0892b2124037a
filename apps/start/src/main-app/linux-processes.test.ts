import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createLinuxProcesses } from './linux-processes.ts';

let folder = '';
const children: ChildProcess[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'telex-processes-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const processes = createLinuxProcesses({ env: { PATH: '/usr/bin:/bin', KEPT: 'yes' }, home: '/' });

function script(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** A program started by somebody else, past its `echo`. */
async function started(file: string, ...args: string[]): Promise<number> {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  children.push(child);
  if (child.stdout === null) throw new Error('no stdout');
  await once(createInterface({ input: child.stdout }), 'line');
  return child.pid ?? -1;
}

/** Waits on a pipe that the test holds: nothing is left behind when it is killed. */
const WAIT = 'echo up; read -r _';

test('a launched program leads a group of its own, has no terminal of ours and gets no secret variables', async () => {
  const out = join(folder, 'out');
  const file = script('writes', `echo "$KEPT $TELEX_LEASH_FD $1" > ${out}; exit 7`);
  const { exited, identity } = await processes.launch({ file, args: ['a b;c'], folder: undefined });
  expect(await exited).toBe(7);
  expect(readFileSync(out, 'utf8')).toBe('yes  a b;c\n');
  expect(processes.isRunning(identity)).toBe(false);
});

test('a program that is not there rejects with the system error', async () => {
  await expect(
    processes.launch({ file: join(folder, 'none'), args: [], folder: undefined }),
  ).rejects.toMatchObject({ code: 'ENOENT' });
});

test('[M1] a script is found by its path, and one of the same name elsewhere is not', async () => {
  const ours = script('telex-client', WAIT);
  const other = join(mkdtempSync(join(folder, 'other-')), 'telex-client');
  copyFileSync(ours, other);
  const [wanted, stranger] = await Promise.all([started(ours), started(other)]);
  const found = processes.running({ file: ours, args: [] });
  expect(found.map(({ pid }) => pid)).toEqual([wanted]);
  for (const identity of found) processes.signal(identity, 'SIGTERM');
  await once(children[0] as ChildProcess, 'exit');
  expect(children[1]?.exitCode ?? children[1]?.signalCode ?? 'runs').toBe('runs');
  expect(stranger).not.toBe(wanted);
});

test('a binary is found by the file it runs, whatever it calls itself, with the arguments it was given', async () => {
  const binary = join(folder, 'client-binary');
  copyFileSync('/bin/sh', binary);
  chmodSync(binary, 0o755);
  const pid = await started(binary, '-c', 'echo up; read -r _; :', 'x');
  const numbers = (...args: string[]) =>
    processes.running({ file: binary, args }).map((each) => each.pid);
  expect(numbers()).toEqual([pid]);
  expect(numbers('-c')).toEqual([pid]);
  expect(numbers('--other')).toEqual([]);
});

test('what a launched program starts is in its group, and ends by its own identity', async () => {
  const file = script('forks', 'sleep 20 & sleep 20 & wait');
  const { identity, exited } = await processes.launch({ file, args: [], folder: undefined });
  await expect.poll(() => processes.group(identity.pid).length).toBe(3);
  const [first] = processes.group(identity.pid);
  expect(first?.pid).toBe(identity.pid);
  for (const member of processes.group(identity.pid)) processes.signal(member, 'SIGTERM');
  expect(await exited).toBeNull();
  await expect.poll(() => processes.group(identity.pid).length).toBe(0);
});

test('a signal with the right number and another start reaches nobody', async () => {
  const pid = await started(script('survives', WAIT));
  processes.signal({ pid, startTime: '1' }, 'SIGKILL');
  expect(processes.isRunning({ pid, startTime: '1' })).toBe(false);
  process.kill(pid, 0);
});
