import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { childEnd, keepOutput } from './child.ts';

const SERVER = fileURLToPath(new URL('../../../apps/server/src/main.mjs', import.meta.url));
const START_LIMIT_MS = 30_000;

const account = v.object({
  name: v.string(),
  email: v.string(),
  password: v.string(),
  user_id: v.string(),
});
const named = v.object({ id: v.string(), name: v.string() });
const readyLine = v.object({
  ready: v.literal(true),
  url: v.string(),
  internal_url: v.string(),
  ca_file: v.nullable(v.string()),
  demo: v.optional(
    v.object({
      organisation: named,
      channel: named,
      accounts: v.tuple([account, account]),
      webhook_url: v.string(),
    }),
  ),
});

/** What the server writes to its `--ready-fd` once it listens. */
export type ServerReady = v.InferOutput<typeof readyLine>;

export interface LaunchOptions {
  readonly dataDir: string;
  /** 0 (the default): a free one. */
  readonly port?: number;
  readonly demo?: boolean;
  /** Further flags, such as `--http`. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of Node itself. */
  readonly nodeFlags?: readonly string[];
}

/** A real `telex-server` process. Whoever launched it ends it. */
export interface ServerProcess {
  readonly ready: ServerReady;
  readonly pid: number;
  /** From spawning it to its ready line, in milliseconds. */
  readonly startedInMs: number;
  /** The end of what it wrote to stdout and stderr. */
  log(): string;
  /** SIGKILL, as a crash would; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code. Idempotent. */
  stop(): Promise<number | null>;
}

/** Starts the server and waits until it listens; rejects with the end of its log when it does not. */
export async function launchServer(options: LaunchOptions): Promise<ServerProcess> {
  const started = performance.now();
  const child = spawn(process.execPath, serverArguments(options), {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  const log = keepOutput(child);
  const end = childEnd(child);
  const ready = await readyOf(child, log);
  const startedInMs = performance.now() - started;
  return {
    ready,
    pid: child.pid ?? -1,
    startedInMs,
    log,
    kill: end.kill,
    stop: end.stop,
  };
}

function serverArguments(options: LaunchOptions): string[] {
  return [
    ...(options.nodeFlags ?? []),
    SERVER,
    ...['--data', options.dataDir, '--port', String(options.port ?? 0), '--ready-fd', '3'],
    ...(options.demo === true ? ['--demo'] : []),
    ...(options.flags ?? []),
  ];
}

async function readyOf(child: ChildProcess, log: () => string): Promise<ServerReady> {
  const pipe = child.stdio[3] as Readable;
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  const line = await Promise.race([
    once(createInterface({ input: pipe }), 'line', { signal: limit }).then(([text]) =>
      String(text),
    ),
    once(child, 'exit').then(() => ''),
  ]).catch(() => '');
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), readyLine), line);
  if (parsed.success) return parsed.output;
  child.kill('SIGKILL');
  throw new Error(`the server did not start: ${line}\n${log().slice(-4000)}`);
}
