import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createApiCaller, launchServer, launchStart, type StartProcess } from '@telex/testkit';
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
 * in one thread (an open bubble is replaced, which no burst rule delays), over https and wss.
 */
export async function run(report: Report): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'telex-bench-'));
  const server = await launchServer({ dataDir, demo: true, flags: UNLIMITED });
  const api = createApiCaller(server.ready.url, server.ready.ca_file);
  let start: StartProcess | undefined;
  try {
    const { demo } = server.ready;
    if (demo === undefined) throw new Error('the server seeded no demo organisation');
    const [receiver, author] = demo.accounts;
    start = await launchStart({
      server: server.ready.url,
      caFile: server.ready.ca_file,
      credentials: receiver,
      stateDir: join(dataDir, 'start'),
    });
    await start.live();
    const { access_token: token } = await api.call('login', {
      body: { email: author.email, password: author.password },
    });
    const params = { channel_id: demo.channel.id };
    const opening = await api.call('postMessage', { params, token, body: { content: 'opening' } });
    const threadId = opening.thread_id;

    const series = async (posts: number, perSecond: number): Promise<number[]> => {
      const startedAt = new Map<string, number>();
      const replies: Promise<void>[] = [];
      const from = performance.now();
      for (let number = 0; number < posts; number += 1) {
        await delay(Math.max(0, from + (number * 1000) / perSecond - performance.now()));
        const at = performance.timeOrigin + performance.now();
        const content = `message ${number} of a series, long enough to look like one`;
        replies.push(
          api
            .call('postMessage', { params, token, body: { content, thread_id: threadId } })
            .then((message) => void startedAt.set(message.id, at)),
        );
      }
      await Promise.all(replies);
      const shown = await start?.shown([...startedAt.keys()], SHOWN_LIMIT_MS);
      return [...startedAt].map(([id, at]) => (shown?.get(id) ?? Number.NaN) - at);
    };

    await series(WARM_UP_POSTS, WARM_UP_PER_SECOND);
    const runs: number[][] = [];
    for (let round = 1; round <= RUNS; round += 1) {
      const latencies = await series(POSTS, PER_SECOND);
      runs.push(latencies);
      const at = (share: number) => percentile(latencies, share).toFixed(2);
      report.note(`run ${round}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms`);
    }
    for (const [share, name, goal, peer] of [
      [0.5, 'p50', 1.6, { gotify: 1.6, ntfy: 0.4 }],
      [0.99, 'p99', 3, { gotify: 2.9, ntfy: 1.0 }],
    ] as const) {
      report.figure({
        id: 'S2',
        what: `start of the POST → notification requested, ${PER_SECOND} a second, TLS, durable, ${name}, median of ${RUNS}`,
        value: significant(median(runs.map((latencies) => percentile(latencies, share)))),
        unit: 'ms',
        goal: { kind: 'at-most', value: goal },
        peer,
      });
    }
  } finally {
    await start?.stop();
    api.close();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
