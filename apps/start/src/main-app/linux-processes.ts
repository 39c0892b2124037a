import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import type { Launched, Processes, ProcessIdentity } from './processes.ts';

interface Stat extends ProcessIdentity {
  readonly group: number;
}

/**
 * Processes by way of `/proc`, proc(5).
 *
 * @param env what a launched program gets as environment
 * @param home where it starts, if the command names no folder
 */
export function createLinuxProcesses(options: {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
}): Processes {
  const isRunning = ({ pid, startTime }: ProcessIdentity) => readStat(pid)?.startTime === startTime;
  return {
    isRunning,
    async launch({ file, args, folder = options.home }) {
      // Loaded when something is launched: most of the time nothing is.
      const { spawn } = await import('node:child_process');
      return new Promise<Launched>((resolve, reject) => {
        const child = spawn(file, args, {
          ...{ cwd: folder, env: options.env, stdio: 'ignore', detached: true },
        });
        const exited = new Promise<number | null>((done) => {
          child.once('exit', (code) => done(code));
        });
        child.once('error', reject);
        child.once('spawn', () => {
          child.unref();
          const pid = child.pid ?? -1;
          // One that has ended already is still there to be asked, until its exit has been handled.
          const startTime = readStat(pid, true)?.startTime ?? '';
          resolve({ identity: { pid, startTime }, exited });
        });
      });
    },
    running: ({ file, args }) => {
      const real = realPath(file);
      if (real === undefined) return [];
      const isWanted = isScript(real)
        ? (pid: number) => runsScript(pid, real, args)
        : (pid: number) => runsProgram(pid, real, args);
      return ownProcesses().filter(({ pid }) => isWanted(pid));
    },
    group: (leader) => ownProcesses().filter(({ group }) => group === leader),
    signal: (identity, signal) => {
      if (!isRunning(identity)) return;
      try {
        process.kill(identity.pid, signal);
      } catch {
        // It ended just now.
      }
    },
  };
}

/** Of this user, those that have ended left out; oldest first. */
function ownProcesses(): Stat[] {
  const userId = process.getuid?.() ?? -1;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && tryTo(() => statSync(`/proc/${name}`).uid) === userId)
    .flatMap((name) => readStat(Number(name)) ?? [])
    .sort((a, b) => Number(a.startTime) - Number(b.startTime) || a.pid - b.pid);
}

function readStat(pid: number, evenEnded = false): Stat | undefined {
  const text = tryTo(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  if (text === undefined) return undefined;
  // The name stands in brackets and may hold any character, brackets too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', , group = ''] = fields;
  const hasEnded = state === 'Z' || state === 'X';
  if (hasEnded && !evenEnded) return undefined;
  return { pid, startTime: fields[19] ?? '', group: Number(group) };
}

/** By the kernel's own word, never by a name. An update may have replaced the file meanwhile. */
function runsProgram(pid: number, file: string, args: readonly string[]): boolean {
  const exe = tryTo(() => readlinkSync(`/proc/${pid}/exe`));
  if (exe !== file && exe !== `${file} (deleted)`) return false;
  return beginsWith(argumentsOf(pid).slice(1), args);
}

/** Its interpreter was given the file; `#!/usr/bin/env node` and `#!/bin/sh -e` put it second or third. */
function runsScript(pid: number, file: string, args: readonly string[]): boolean {
  const words = argumentsOf(pid);
  const at = [1, 2].find((index) => realPath(words[index] ?? '') === file);
  return at !== undefined && beginsWith(words.slice(at + 1), args);
}

/** `python3` or `flatpak run` are many programs: what comes after must be the same too. */
function beginsWith(words: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((word, index) => words[index] === word);
}

function argumentsOf(pid: number): string[] {
  return tryTo(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.split('\0') ?? [];
}

function isScript(file: string): boolean {
  const beginning = Buffer.alloc(2);
  const descriptor = tryTo(() => openSync(file, 'r'));
  if (descriptor === undefined) return false;
  try {
    readSync(descriptor, beginning);
  } finally {
    closeSync(descriptor);
  }
  return beginning.toString('latin1') === '#!';
}

function realPath(file: string): string | undefined {
  return file.startsWith('/') ? tryTo(() => realpathSync(file)) : undefined;
}

/** Processes and files come and go while they are looked at. */
function tryTo<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
