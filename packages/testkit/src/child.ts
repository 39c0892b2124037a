import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const KEPT_OUTPUT = 200_000;

/** Keeps the end of what a child writes to stdout and stderr, for a failure's message. */
export function keepOutput(child: ChildProcess): () => string {
  let kept = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      kept = (kept + chunk).slice(-KEPT_OUTPUT);
    });
  }
  return () => kept;
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/**
 * The child ends when this process does, however that dies: a shell holds the other end of a pipe, and kills when it closes.
 *
 * @param target the child alone, or the group that it leads
 */
export function tieToUs(child: ChildProcess, target: 'process' | 'group'): void {
  if (child.pid === undefined || process.platform === 'win32') return;
  const whom = `${target === 'group' ? '-' : ''}${child.pid}`;
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -s KILL -- "$0"', whom], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // What ends our group must not end it first.
    detached: true,
  });
  guard.on('error', () => {});
  guard.stdin.on('error', () => {});
  guard.unref();
  if ('unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref();
  child.once('exit', () => guard.kill('SIGKILL'));
}

/**
 * Ways to end a child, both idempotent; made right after spawning, so that no exit is missed. It ends with this process, too.
 */
export function childEnd(child: ChildProcess): {
  kill(): Promise<void>;
  stop(): Promise<number | null>;
} {
  tieToUs(child, 'process');
  const exited = once(child, 'exit');
  // One that could not be started is told by whoever started it.
  exited.catch(() => {});
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!hasEnded(child)) child.kill(signal);
    await exited;
  };
  return {
    kill: () => end('SIGKILL'),
    stop: async () => {
      await end('SIGTERM');
      return child.exitCode;
    },
  };
}
