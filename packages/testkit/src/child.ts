import type { ChildProcess } from 'node:child_process';
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

/** Ways to end a child, both idempotent; made right after spawning, so that no exit is missed. */
export function childEnd(child: ChildProcess): {
  kill(): Promise<void>;
  stop(): Promise<number | null>;
} {
  const exited = once(child, 'exit');
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
