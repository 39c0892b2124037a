import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { hasEnded, keepOutput, tieToUs } from '../child.ts';

/** A real program of a desktop, run for a test. Whoever started it stops it. */
export interface Part {
  readonly pid: number;
  readonly isRunning: boolean;
  /** The end of what it wrote, for a failure's message. */
  output(): string;
  /** SIGKILL unless told otherwise; resolves when it is gone, with SIGSTOP and SIGCONT at once. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it where it still runs and starts it again; resolves when it is ready. */
  restart(): Promise<void>;
  /** Ends it and what it started. Idempotent. */
  stop(): Promise<void>;
}

export interface PartOptions {
  readonly program: string;
  readonly arguments?: readonly string[];
  /** The Debian package that holds it, named where it is missing. */
  readonly package: string;
  readonly env: NodeJS.ProcessEnv;
  /** Resolves when it can be used; told of a pipe on descriptor 3. Bounded by the signal. */
  readonly ready: (pipe: Readable, signal: AbortSignal) => Promise<void>;
}

const START_LIMIT_MS = 20_000;
const END_LIMIT_MS = 3_000;

/** Starts a program and waits until it is ready. A failure holds what the program wrote. */
export async function startPart(options: PartOptions): Promise<Part> {
  let { child, output } = await start(options);
  const stop = () => end(child);
  return {
    get pid() {
      return child.pid ?? -1;
    },
    get isRunning() {
      return !hasEnded(child);
    },
    output: () => output(),
    async kill(signal = 'SIGKILL') {
      if (hasEnded(child)) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await gone;
    },
    async restart() {
      await stop();
      ({ child, output } = await start(options));
    },
    stop,
  };
}

async function start(
  options: PartOptions,
): Promise<{ readonly child: ChildProcess; readonly output: () => string }> {
  const { program } = options;
  const child = spawn(program, options.arguments ?? [], {
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    // A group of its own: what it starts in turn ends with it.
    detached: true,
  });
  const output = keepOutput(child);
  tieToUs(child, 'group');
  const over = new AbortController();
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          error.code === 'ENOENT'
            ? new Error(`${program} is missing: apt-get install ${options.package}`)
            : error,
        ),
      );
      child.once('exit', (code, signal) =>
        reject(new Error(`${program} has ended (${signal ?? code}) before it was ready`)),
      );
      limit.addEventListener('abort', () =>
        reject(new Error(`${program} was not ready within ${START_LIMIT_MS} ms`)),
      );
      const signal = AbortSignal.any([over.signal, limit]);
      options.ready(child.stdio[3] as Readable, signal).then(resolve, reject);
    });
  } catch (error) {
    if (child.pid !== undefined) await end(child);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}\n${output().slice(-4_000)}`.trim());
  } finally {
    over.abort();
  }
  return { child, output };
}

async function end(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    child.kill('SIGCONT');
    const timer = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
    await gone;
    clearTimeout(timer);
  }
  killGroup(child, 'SIGKILL');
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // Nobody is left in it.
  }
}
