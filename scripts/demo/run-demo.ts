import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { PushBehind } from '@telex/testkit/push-behind';
import type { PushKind } from '@telex/testkit/push-kind';
import { type Author, epochMs, logInAuthor, type Posted } from './author.ts';
import { DemoError, type Hop } from './demo-error.ts';
import { parseReady, parseReport, type ServerReady, type Shown } from './messages.ts';
import { type Program, startProgram } from './program.ts';
import { waiting } from './waiting.ts';

export interface DemoSetup {
  /** The TypeScript files of the two programs. */
  readonly programs: { readonly server: URL; readonly start: URL };
  readonly dataDir: string;
  /** Holds Telex Start's control socket, whose path must be short. */
  readonly controlDir: string;
  readonly port: number;
  /** What holds the WebSockets; all but `hub` are a program of their own. */
  readonly push: PushKind;
  readonly print: (line: string) => void;
  /** Aborted: stop, wherever we are. */
  readonly signal: AbortSignal;
}

/** What `npm start` has built: both programs up, and one message shown. */
export interface Demo {
  readonly server: ServerReady;
  readonly posted: Posted;
  readonly shown: Shown;
  /** False where the notification was a native one, on the desktop. */
  readonly isPrinted: boolean;
  /** Settles when Telex Start was told to end, by its menu or a command; rejects with a DemoError when a program ends by itself. */
  readonly ended: Promise<void>;
  /** Stops Telex Start, then the server. Idempotent. */
  close(): Promise<void>;
  /** Ends both at once. */
  kill(): void;
}

const serverWithinMs = 30_000;
const liveWithinMs = 20_000;
const postWithinMs = 10_000;
const shownWithinMs = 10_000;
const printedWithinMs = 300;
const firstMessage = 'Hello! This is your first Telex notification.';

/**
 * Starts the server and Telex Start, posts a message as the second account and waits until the first one saw it.
 *
 * @throws DemoError naming the hop; everything that was started has then been stopped
 */
export async function runDemo(setup: DemoSetup): Promise<Demo> {
  const { print, signal } = setup;
  const programs: Pick<Program, 'stop' | 'kill'>[] = [];
  const close = async () => {
    for (const program of programs.toReversed()) await program.stop();
  };
  try {
    let since = epochMs();
    const push = await startPush(setup);
    if (push !== undefined) {
      programs.push({ stop: push.close, kill: () => void push.server.kill() });
      print(
        `  push server  ${setup.push} ready at ${push.server.wsUrl} (${milliseconds(epochMs() - since)})`,
      );
    }

    since = epochMs();
    const server = startServer(setup, push?.flags ?? []);
    programs.push(server);
    const ready = await waitForServer(server, signal);
    print(`  server       ready at ${ready.url} (${milliseconds(epochMs() - since)})`);

    since = epochMs();
    const author = logInAuthor(
      ready,
      ready.accounts[1],
      AbortSignal.any([signal, AbortSignal.timeout(liveWithinMs)]),
    );
    // Logging in takes its time; whether it worked is asked below, when it is needed.
    author.catch(() => {});
    const printed = Promise.withResolvers<boolean>();
    const start = startTelexStart(setup, ready, (line) => {
      print(`  │ ${line}`);
      if (line.includes(firstMessage)) printed.resolve(true);
    });
    programs.push(start);
    const reports = followReports(start);
    await waiting('start', liveWithinMs, signal, {
      event: reports.live,
      program: start,
      late: () => `it is not live after ${liveWithinMs / 1000} s (state: ${reports.state()})`,
    });
    print(
      `  Telex Start  signed in as ${ready.accounts[0].name}, live (${milliseconds(epochMs() - since)})`,
    );

    const { posted, shown } = await showOne(await author, { ready, start, reports, signal });
    // What Telex Start printed of it comes by another pipe: let it appear before we speak of it.
    const isPrinted = await Promise.race([printed.promise, delay(printedWithinMs, false)]);
    const ended = Promise.race([endedByItself('server', server), endOfStart(start)]);
    ended.catch(() => {});
    const kill = () => {
      for (const program of programs) program.kill();
    };
    return { server: ready, posted, shown, isPrinted, ended, close, kill };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startPush({ push, dataDir, print }: DemoSetup): Promise<PushBehind | undefined> {
  if (push === 'hub') return undefined;
  const { startPushBehind } = await import('@telex/testkit/push-behind');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (push.startsWith('engine'))
    print('  push server  the first time, the engine is built (40 s) ...');
  return startPushBehind(push, dataDir).catch((error: unknown) => {
    throw new DemoError('push', error instanceof Error ? error.message : String(error));
  });
}

function startServer(setup: DemoSetup, flags: readonly string[]): Program {
  mkdirSync(setup.dataDir, { recursive: true, mode: 0o700 });
  return startProgram({
    main: setup.programs.server,
    args: [
      '--data',
      setup.dataDir,
      '--port',
      String(setup.port),
      '--ready-fd',
      '3',
      '--demo',
      ...flags,
    ],
    logFile: join(setup.dataDir, 'server.log'),
  });
}

async function waitForServer(server: Program, signal: AbortSignal): Promise<ServerReady> {
  const first = server.messages(3)[Symbol.asyncIterator]().next();
  // A server that refuses writes its reason and ends: the reason counts, in whatever order the two are noticed.
  const ended = Promise.all([server.ended, first]).then(([code]) => code);
  const line = await waiting('server', serverWithinMs, signal, {
    event: first.then(({ value, done }) => (done === true ? never<unknown>() : value)),
    program: { ended, log: server.log },
    late: () => `it does not listen after ${serverWithinMs / 1000} s`,
  });
  const ready = parseReady(line);
  if (typeof ready === 'string') throw new DemoError('server', `its ready line is wrong: ${ready}`);
  if ('code' in ready) {
    throw new DemoError('server', ready.message, { code: ready.code });
  }
  return ready;
}

function startTelexStart(
  setup: DemoSetup,
  server: ServerReady,
  onLine: (line: string) => void,
): Program {
  const { email, password } = server.accounts[0];
  mkdirSync(setup.controlDir, { recursive: true, mode: 0o700 });
  const start = startProgram({
    main: setup.programs.start,
    args: [
      'run',
      ...['--server', server.url],
      ...(server.caFile === null ? [] : ['--ca', server.caFile]),
      ...['--credentials-fd', '3', '--report-fd', '4', '--control', setup.controlDir],
      // What it notes there belongs to the demo's accounts, not to the Telex Start of whoever tries this.
      ...['--state', join(setup.dataDir, 'state')],
    ],
    logFile: join(setup.dataDir, 'telex-start.log'),
    onLine,
  });
  start.hand(`${JSON.stringify({ email, password })}\n`);
  return start;
}

interface Reports {
  /** Resolves when Telex Start has been live for the first time; rejects when it was refused. */
  readonly live: Promise<void>;
  state(): string;
  /** Resolves when this message has been shown, which may be long past. */
  shown(messageId: string): Promise<Shown>;
}

function followReports(start: Program): Reports {
  const live = Promise.withResolvers<void>();
  const shown = new Map<string, PromiseWithResolvers<Shown>>();
  const entry = (messageId: string) => {
    const known = shown.get(messageId) ?? Promise.withResolvers<Shown>();
    shown.set(messageId, known);
    return known;
  };
  let state = 'not started';
  // The demo waits for its own message only: once that one was asked for, the others are passed over.
  let awaited: string | undefined;
  const follow = async () => {
    for await (const line of start.messages(4)) {
      const report = parseReport(line);
      if (report?.kind === 'state') {
        state = report.reason === undefined ? report.state : `${report.state}: ${report.reason}`;
      } else if (report?.kind === 'caught-up') {
        // Live, and done with what came before: the next message is shown by itself.
        live.resolve();
      } else if (
        report !== undefined &&
        (awaited === undefined || awaited === report.shown.messageId)
      ) {
        entry(report.shown.messageId).resolve(report.shown);
      }
    }
  };
  follow().catch(() => {});
  return {
    live: live.promise,
    state: () => state,
    shown: (messageId) => {
      awaited = messageId;
      return entry(messageId).promise;
    },
  };
}

async function showOne(
  author: Author,
  demo: { ready: ServerReady; start: Program; reports: Reports; signal: AbortSignal },
): Promise<{ posted: Posted; shown: Shown }> {
  const { ready, start, reports, signal } = demo;
  try {
    const posted = await waiting('post', postWithinMs, signal, {
      event: author.post(ready.channel.id, firstMessage),
      late: () => `no answer after ${postWithinMs / 1000} s`,
    });
    const shown = await waiting('notification', shownWithinMs, signal, {
      event: reports.shown(posted.messageId),
      program: start,
      late: () =>
        `the message was accepted, but Telex Start has not shown it after ${shownWithinMs / 1000} s (state: ${reports.state()})`,
    });
    return { posted, shown };
  } finally {
    author.close();
  }
}

async function endedByItself(hop: Hop, program: Program): Promise<never> {
  const code = await program.ended;
  throw new DemoError(hop, `it ended by itself (${code})`, { log: program.log() });
}

/** Exit in its menu ends it as it should. */
async function endOfStart(start: Program): Promise<void> {
  if ((await start.ended) !== 0) await endedByItself('start', start);
}

function never<Value>(): Promise<Value> {
  return new Promise(() => {});
}

/** 12.3 → "12 ms", 3.14 → "3.1 ms". */
export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}
