import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BASE_PATH, fillPath, parse, parseJson, replyData, routes } from '@telex/contract';
import {
  createApiCaller,
  launchServer,
  launchStart,
  type ServerReady,
  type StartProcess,
} from '@telex/testkit';
import { openPoster, type PacedPoster, type Posted } from './paced-poster.ts';
import type { Report } from './report.ts';
import { median, percentile, significant } from './stats.ts';
import { UNLIMITED } from './unlimited.ts';

const WARM_UP_POSTS = 2_000;
const WARM_UP_PER_SECOND = 200;
const POSTS = 1_000;
const PER_SECOND = 50;
const RUNS = 3;
const SHOWN_LIMIT_MS = 10_000;

/**
 * S2: from the start of a POST to the moment Telex Start asks the desktop for the notification, all
 * in one thread (an open bubble is replaced, which no burst rule delays), over https and wss. Beside
 * it, in the same run: a post to a bare `node:http` server that does nothing, plain and not stored,
 * which is what the machine itself takes for one hop there and back at this pace.
 */
export async function run(report: Report): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'telex-bench-'));
  const server = await launchServer({ dataDir, demo: true, flags: UNLIMITED });
  let start: StartProcess | undefined;
  let poster: PacedPoster | undefined;
  try {
    start = await startReceiver(server.ready, join(dataDir, 'start'));
    const { token, threadId, path } = await openThread(server.ready);
    poster = await openPoster(server.ready.url, server.ready.ca_file, { path, token });
    await series(poster, start, threadId, WARM_UP_POSTS, WARM_UP_PER_SECOND);
    const runs: number[][] = [];
    const floors: number[][] = [];
    for (let round = 1; round <= RUNS; round += 1) {
      const { shown, answered } = await series(poster, start, threadId, POSTS, PER_SECOND);
      const floor = await bareRoundTrips();
      runs.push(shown);
      floors.push(floor);
      report.note(
        `run ${round}: shown ${summary(shown)}; answered 201 ${summary(answered)}; ` +
          `bare round trip ${summary(floor)}`,
      );
    }
    for (const [share, name, goal, peer] of [
      [0.5, 'p50', 1.6, { gotify: 1.6, ntfy: 0.4 }],
      [0.99, 'p99', 3, { gotify: 2.9, ntfy: 1.0 }],
    ] as const) {
      const middle = (of: number[][]) =>
        significant(median(of.map((latencies) => percentile(latencies, share))));
      report.figure({
        id: 'S2',
        what: `start of the POST → notification requested, ${PER_SECOND} a second, TLS, durable, ${name}, median of ${RUNS}`,
        value: middle(runs),
        unit: 'ms',
        goal: { kind: 'at-most', value: goal },
        peer: { ...peer, 'bare round trip in the same run': middle(floors) },
      });
    }
  } finally {
    poster?.close();
    await start?.stop();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function demoOf({ demo }: ServerReady) {
  if (demo === undefined) throw new Error('the server seeded no demo organisation');
  return demo;
}

async function startReceiver(ready: ServerReady, stateDir: string): Promise<StartProcess> {
  const [credentials] = demoOf(ready).accounts;
  const start = await launchStart({
    server: ready.url,
    caFile: ready.ca_file,
    credentials,
    stateDir,
  });
  await start.live();
  return start;
}

/** Logs the author in and opens the thread that all posts go to. */
async function openThread(ready: ServerReady) {
  const { channel, accounts } = demoOf(ready);
  const { email, password } = accounts[1];
  const api = createApiCaller(ready.url, ready.ca_file);
  const { access_token: token } = await api.call('login', { body: { email, password } });
  const params = { channel_id: channel.id };
  const opening = await api.call('postMessage', { params, token, body: { content: 'opening' } });
  api.close();
  const path = `${BASE_PATH}${fillPath(routes.postMessage.path, params)}`;
  return { token, threadId: opening.thread_id, path };
}

async function series(
  poster: PacedPoster,
  start: StartProcess,
  threadId: string | undefined,
  posts: number,
  perSecond: number,
): Promise<{ readonly shown: number[]; readonly answered: number[] }> {
  const bodies = Array.from({ length: posts }, (_, number) => ({
    content: `message ${number} of a series, long enough to look like one`,
    thread_id: threadId,
  }));
  const posted = await poster.post(bodies, perSecond);
  const startedAt = new Map(posted.map((one) => [messageId(one), one.startedAtMs]));
  const shownAt = await start.shown([...startedAt.keys()], SHOWN_LIMIT_MS);
  return {
    shown: [...startedAt].map(([id, at]) => (shownAt.get(id) ?? Number.NaN) - at),
    answered: posted.map(({ tookMs }) => tookMs),
  };
}

function messageId({ status, body }: Posted): string {
  const json = parseJson(body);
  const message = parse(routes.postMessage.reply, json.ok ? replyData(json.value) : undefined);
  if (status !== 201 || !message.ok) throw new Error(`a post was answered ${status}`);
  return message.value.id;
}

async function bareRoundTrips(): Promise<number[]> {
  const file = fileURLToPath(new URL('./floor-server.ts', import.meta.url));
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [port] = await once(createInterface({ input: child.stdout }), 'line');
  const poster = await openPoster(`http://127.0.0.1:${port}`, null, { path: '/', token: '-' });
  const bodies = Array.from({ length: POSTS / 2 }, () => ({ content: 'nothing' }));
  const posted = await poster.post(bodies, PER_SECOND);
  poster.close();
  child.stdin.end();
  await exited;
  return posted.map(({ tookMs }) => tookMs);
}

function summary(latencies: readonly number[]): string {
  const at = (share: number) => percentile(latencies, share).toFixed(2);
  return `p50 ${at(0.5)} p99 ${at(0.99)} ms`;
}
