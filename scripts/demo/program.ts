import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const leash = new URL('../../packages/launcher/src/leash.mjs', import.meta.url).href;
const leashFd = 5;
const stopWithinMs = 10_000;
const logTailLength = 2_000;

export interface ProgramOptions {
  /** The TypeScript file to run. */
  readonly main: URL;
  readonly args: readonly string[];
  /** Gets stderr, and stdout where nobody reads it. Made anew, readable by its owner alone. */
  readonly logFile: string;
  /** Gets stdout line by line, in place of the log. */
  readonly onLine?: (line: string) => void;
}

/** A running program of ours, with descriptor 3 and 4 as pipes. It ends when we end, however that happens. */
export interface Program {
  /** JSON lines it writes to a descriptor, parsed but not checked; ends when the pipe does. */
  messages(fd: 3 | 4): AsyncIterable<unknown>;
  /** Writes the text to its descriptor 3 and closes it. */
  hand(text: string): void;
  /** What it ended with: an exit code or a signal's name. Resolves when it has. */
  readonly ended: Promise<number | string>;
  /** The end of its log file. */
  log(): string;
  /** Asks it to stop, and makes it when it has not after 10 s. Idempotent. */
  stop(): Promise<void>;
  kill(): void;
}

/** Starts a program in its own process group: Ctrl-C reaches us alone, and we stop our programs in order. */
export function startProgram(options: ProgramOptions): Program {
  const log = openSync(options.logFile, 'w', 0o600);
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--import',
      leash,
      fileURLToPath(options.main),
      ...options.args,
    ],
    {
      stdio: ['ignore', options.onLine === undefined ? log : 'pipe', log, 'pipe', 'pipe', 'pipe'],
      env: { ...withoutSettings(process.env), TELEX_LEASH_FD: String(leashFd) },
      detached: process.platform !== 'win32',
    },
  );
  closeSync(log);
  for (const pipe of child.stdio) pipe?.on('error', () => {});
  if (child.stdout !== null && options.onLine !== undefined) {
    createInterface({ input: child.stdout }).on('line', options.onLine);
  }
  const ended = endOf(child);
  return {
    messages: (fd) => jsonLines(child.stdio[fd]),
    hand: (text) => {
      const pipe = child.stdio[3];
      if (pipe instanceof Writable) pipe.end(text);
    },
    ended,
    log: () => readFileSync(options.logFile, 'utf8').slice(-logTailLength).trim(),
    stop: async () => {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
      await ended;
      clearTimeout(force);
    },
    kill: () => child.kill('SIGKILL'),
  };
}

/** The demo shows the defaults: a TELEX_… setting meant for a real server must not change it. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TELEX_')));
}

async function endOf(child: ChildProcess): Promise<number | string> {
  try {
    const [code, signal] = await once(child, 'exit');
    return code ?? signal;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function* jsonLines(pipe: unknown): AsyncIterable<unknown> {
  if (!(pipe instanceof Readable)) return;
  for await (const line of createInterface({ input: pipe })) {
    try {
      yield JSON.parse(line);
    } catch {
      // A half line of a program that was just killed; whoever waits hears of its end.
    }
  }
}
