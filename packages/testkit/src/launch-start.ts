import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { childEnd, hasEnded, keepOutput } from './child.ts';

const START = fileURLToPath(new URL('../../../apps/start/src/main.ts', import.meta.url));
const LIVE_LIMIT_MS = 20_000;

/** A line that Telex Start writes to its `--report-fd`; fields beyond these pass through. */
const reportLine = v.looseObject({
  kind: v.string(),
  state: v.optional(v.string()),
  message_id: v.optional(v.nullable(v.string())),
  notification_id: v.optional(v.nullable(v.string())),
  shown_at_ms: v.optional(v.number()),
});
export type StartReportLine = v.InferOutput<typeof reportLine>;

export interface StartOptions {
  readonly server: string;
  readonly caFile: string | null;
  /** Handed over by a pipe, never by argv. Without them nobody is signed in at first. */
  readonly credentials?: { readonly email: string; readonly password: string };
  /** Holds marks and the control socket. */
  readonly stateDir: string;
  /** The terminal unless told otherwise: the one who runs the tests may have a desktop. */
  readonly desktop?: 'terminal' | 'linux';
  /** Further flags of `run`. */
  readonly flags?: readonly string[];
  /** Beside the variables of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** What starts it; default: this Node with the sources. */
  readonly command?: readonly [string, ...string[]];
}

/** A real `telex-start run` process. Whoever launched it ends it. */
export interface StartProcess {
  readonly pid: number;
  /** Epoch milliseconds with fractions, just before it was started. */
  readonly startedAtMs: number;
  /** Everything it reported so far, in order. */
  readonly reports: readonly StartReportLine[];
  /** What it printed for people. */
  output(): string;
  /** Resolves once it is live and has caught up: what is posted from then on is shown by itself. */
  live(): Promise<void>;
  /** When each of these messages was shown (epoch milliseconds); waits for all. */
  shown(messageIds: readonly string[], limitMs: number): Promise<ReadonlyMap<string, number>>;
  /** Resolves once `isDone` holds; looked at whenever it reports or prints something. Rejects after 20 s. */
  until(isDone: () => boolean): Promise<void>;
  /** From now on nobody reads what it prints and reports. */
  stopReading(): void;
  /** Settles with the exit code, null where a signal ended it. */
  readonly exited: Promise<number | null>;
  kill(): Promise<void>;
  stop(): Promise<number | null>;
}

export async function launchStart(options: StartOptions): Promise<StartProcess> {
  const ca = options.caFile === null ? [] : ['--ca', options.caFile];
  const folders = ['--control', options.stateDir, '--state', options.stateDir];
  const more = ['--desktop', options.desktop ?? 'terminal', ...(options.flags ?? [])];
  const { credentials } = options;
  const [command, ...words] = options.command ?? [process.execPath, START];
  const given = credentials === undefined ? [] : ['--credentials-fd', '3'];
  const fds = [...given, '--report-fd', '4'];
  const startedAtMs = performance.timeOrigin + performance.now();
  const child = spawn(
    command,
    [...words, 'run', '--server', options.server, ...ca, ...folders, ...more, ...fds],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    },
  );
  const end = childEnd(child);
  if (credentials !== undefined) {
    const { email, password } = credentials;
    (child.stdio[3] as Writable).end(`${JSON.stringify({ email, password })}\n`);
  }
  const output = keepOutput(child);
  const reports: StartReportLine[] = [];
  const listeners = new Set<() => void>();
  const look = () => {
    for (const listener of listeners) listener();
  };
  const reporting = child.stdio[4] as Readable;
  createInterface({ input: reporting }).on('line', (line) => {
    reports.push(v.parse(v.pipe(v.string(), v.parseJson(), reportLine), line));
    look();
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.once('exit', look);
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', look);

  const until = (isDone: () => boolean, limitMs: number, what: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const fail = (why: string) =>
        finish(() => reject(new Error(`${what}: ${why}\n${output().slice(-2000)}`)));
      const timer = setTimeout(() => fail(`not within ${limitMs} ms`), limitMs);
      const finish = (end: () => void) => {
        clearTimeout(timer);
        listeners.delete(check);
        end();
      };
      const check = () => {
        if (isDone()) finish(resolve);
        else if (hasEnded(child)) fail('Telex Start has ended');
      };
      listeners.add(check);
      check();
    });

  return {
    pid: child.pid ?? -1,
    startedAtMs,
    reports,
    output,
    live: () =>
      until(
        () =>
          reports.some((line) => line.state === 'live') &&
          reports.some((line) => line.kind === 'caught-up'),
        LIVE_LIMIT_MS,
        'state live',
      ),
    shown: async (messageIds, limitMs) => {
      const missing = new Set(messageIds);
      const shownAt = new Map<string, number>();
      let seen = 0;
      const collect = () => {
        for (; seen < reports.length; seen += 1) {
          const line = reports[seen];
          if (line?.kind !== 'notification' || line.message_id == null) continue;
          if (missing.delete(line.message_id))
            shownAt.set(line.message_id, line.shown_at_ms ?? Number.NaN);
        }
        return missing.size === 0;
      };
      await until(collect, limitMs, `${messageIds.length} notifications`);
      return shownAt;
    },
    until: (isDone) => until(isDone, LIVE_LIMIT_MS, 'what was waited for'),
    stopReading: () => {
      for (const stream of [child.stdout, child.stderr, reporting]) stream?.pause();
    },
    exited,
    kill: end.kill,
    stop: end.stop,
  };
}
