import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { BASE_PATH, fillPath, routes } from '@telex/contract';
import { type ApiCaller, createApiCaller, launchServer, type ServerReady } from '@telex/testkit';
import type { PostLoad, PostLoadResult } from './post-load.ts';
import { cpuMicros } from './process-figures.ts';
import type { Report } from './report.ts';
import { median, percentile, significant } from './stats.ts';
import { UNLIMITED } from './unlimited.ts';

const POSTERS = 16;
const RUNS = 3;
const WARM_UP_MS = 3_000;
const MEASURE_MS = 8_000;

/** S7: durable posts a second over plain HTTP, 16 posters, each with one post in flight. */
export async function run(report: Report): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'telex-bench-'));
  const server = await launchServer({
    dataDir,
    demo: true,
    flags: ['--http', ...UNLIMITED],
  });
  try {
    const { ready } = server;
    if (ready.demo === undefined) throw new Error('the server seeded no demo organisation');
    const load = await prepare(ready, ready.demo);
    const rates: number[] = [];
    const p99s: number[] = [];
    for (let round = 1; round <= RUNS; round += 1) {
      const cpuBefore = cpuMicros(server.pid);
      const result = await generate(load);
      const cpu = cpuMicros(server.pid) - cpuBefore;
      const rate = (result.posts / result.elapsedMs) * 1000;
      const p99 = percentile(result.latenciesMs, 0.99);
      if (Object.keys(result.refused).length > 0) {
        throw new Error(`posts were refused: ${JSON.stringify(result.refused)}`);
      }
      rates.push(rate);
      p99s.push(p99);
      const share = MEASURE_MS / (MEASURE_MS + WARM_UP_MS);
      report.note(
        `run ${round}: ${rate.toFixed(0)} posts/s, p50 ${percentile(result.latenciesMs, 0.5).toFixed(2)} ms, ` +
          `p99 ${p99.toFixed(2)} ms, about ${((cpu * share) / result.posts).toFixed(0)} µs of server CPU a post`,
      );
    }
    report.figure({
      id: 'S7',
      what: `durable posts a second, ${POSTERS} posters in one channel, plain HTTP, median of ${RUNS}`,
      value: significant(median(rates)),
      unit: '/s',
      goal: { kind: 'at-least', value: 8_000 },
      peer: { ntfy: 900, gotify: 1_075 },
    });
    report.figure({
      id: 'S7',
      what: `the same, p99 of a post, median of ${RUNS}`,
      value: significant(median(p99s)),
      unit: 'ms',
      goal: { kind: 'at-most', value: 20 },
      peer: { ntfy: 431, gotify: 46 },
    });
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function prepare(
  ready: ServerReady,
  demo: NonNullable<ServerReady['demo']>,
): Promise<PostLoad> {
  const api = createApiCaller(ready.url, ready.ca_file);
  const [owner] = demo.accounts;
  const login = await api.call('login', { body: { email: owner.email, password: owner.password } });
  const tokens = [login.access_token];
  while (tokens.length < POSTERS)
    tokens.push(await addPoster(api, demo, login.access_token, tokens.length));
  api.close();
  const { hostname, port } = new URL(ready.url);
  const path = `${BASE_PATH}${fillPath(routes.postMessage.path, { channel_id: demo.channel.id })}`;
  return {
    host: hostname,
    port: Number(port),
    path,
    tokens,
    warmUpMs: WARM_UP_MS,
    measureMs: MEASURE_MS,
  };
}

async function addPoster(
  api: ApiCaller,
  demo: NonNullable<ServerReady['demo']>,
  ownerToken: string,
  number: number,
): Promise<string> {
  const account = {
    email: `poster-${number}@example.com`,
    password: `a password for poster ${number}`,
  };
  await api.call('register', { body: { ...account, username: `poster-${number}` } });
  await api.call('addMember', {
    params: { org_id: demo.organisation.id },
    token: ownerToken,
    body: { email: account.email },
  });
  const { access_token } = await api.call('login', { body: account });
  await api.call('joinChannel', { params: { channel_id: demo.channel.id }, token: access_token });
  return access_token;
}

async function generate(load: PostLoad): Promise<PostLoadResult> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./post-load.ts', import.meta.url))],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  child.stdin.end(JSON.stringify(load));
  const output = await text(child.stdout);
  await exited;
  return JSON.parse(output) as PostLoadResult;
}
