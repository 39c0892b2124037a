import { setTimeout as delay } from 'node:timers/promises';
import { HubRig } from './hub/hub-rig.ts';
import { channelOf } from './hub/messages.ts';
import type { Goal, Report } from './report.ts';
import { median, percentile, significant } from './stats.ts';

const RUNS = 3;
const CLIENTS = 2_000;
const CROWD = 10_000;
/** As `apps/server/bin/telex-server.mjs` has it. */
const SERVER_FLAGS: readonly string[] = ['--max-semi-space-size=4'];
const DATA = { text: 'x'.repeat(280), n: 0 };

/** S3 to S6: what the embedded hub costs, against what Centrifugo was measured at. */
export async function run(report: Report): Promise<void> {
  const line = parts(report);
  await fanOut(line);
  await personal(line);
  await storm(line);
  await crowd(line);
  await tlsCrowd(line);
}

type Line = ReturnType<typeof parts>;

function parts(report: Report) {
  return {
    note: (text: string) => report.note(text),
    figure: (
      id: string,
      what: string,
      value: number,
      unit: string,
      goal: Goal,
      centrifugo?: number,
    ) => {
      const peer = centrifugo === undefined ? {} : { centrifugo };
      report.figure({ id, what, value: significant(value), unit, goal, peer });
    },
  };
}

const atMost = (value: number): Goal => ({ kind: 'at-most', value });
const atLeast = (value: number): Goal => ({ kind: 'at-least', value });
const info: Goal = { kind: 'info', text: '' };

interface Spread {
  readonly channels: readonly string[];
  readonly isPersonal: boolean;
  readonly messages: number;
  /** Messages a second; undefined: one after the other, as fast as the call returns. */
  readonly pace: number | undefined;
}

interface Cost {
  readonly perSecond: number;
  readonly serverMicros: number;
  readonly loadMicros: number;
  readonly callP50: number;
  readonly callP99: number;
}

/** Publishes to everyone on a fresh hub, and says what each delivery cost. */
async function deliver(spread: Spread): Promise<Cost> {
  const rig = await HubRig.start({ history: true, serverFlags: SERVER_FLAGS });
  try {
    const { failed, loadMicros: loadBefore } = await rig.connect({
      count: CLIENTS,
      atOnce: CLIENTS,
      isPersonal: spread.isPersonal,
    });
    if (failed > 0) throw new Error(`${failed} of ${CLIENTS} connections failed`);
    await delay(500);
    const before = await rig.figures();
    const startedAt = performance.timeOrigin + performance.now();
    const deliveries = spread.messages * CLIENTS;
    const arrived = rig.delivered(deliveries);
    const calls: number[] = [];
    for (let n = 0; n < spread.messages; n += 1) {
      calls.push(await rig.publish(spread.channels, { ...DATA, n }, `key-${n}`));
      if (spread.pace === undefined) continue;
      const dueAt = startedAt + ((n + 1) * 1000) / spread.pace;
      await delay(Math.max(0, dueAt - performance.timeOrigin - performance.now()));
    }
    const last = await arrived;
    const after = await rig.figures();
    if (Object.keys(after.closes).length > 0) {
      throw new Error(`the hub closed connections: ${JSON.stringify(after.closes)}`);
    }
    return {
      perSecond: deliveries / ((last.atMs - startedAt) / 1000),
      serverMicros: (after.cpuMicros - before.cpuMicros) / deliveries,
      loadMicros: (last.cpuMicros - loadBefore) / deliveries,
      callP50: percentile(calls, 0.5),
      callP99: percentile(calls, 0.99),
    };
  } finally {
    await rig.close();
  }
}

async function runs(line: Line, what: string, spread: Spread): Promise<Cost> {
  const costs: Cost[] = [];
  for (let run = 0; run < RUNS; run += 1) costs.push(await deliver(spread));
  const middle = (pick: (cost: Cost) => number) => median(costs.map(pick));
  const cost = {
    perSecond: middle(({ perSecond }) => perSecond),
    serverMicros: middle(({ serverMicros }) => serverMicros),
    loadMicros: middle(({ loadMicros }) => loadMicros),
    callP50: middle(({ callP50 }) => callP50),
    callP99: middle(({ callP99 }) => callP99),
  };
  line.note(
    `${what}: load generator ${cost.loadMicros.toFixed(1)} µs a delivery, ` +
      `call p50 ${cost.callP50.toFixed(1)} p99 ${cost.callP99.toFixed(1)} ms, ` +
      `server ${costs.map(({ serverMicros }) => serverMicros.toFixed(2)).join(' ')} µs`,
  );
  return cost;
}

async function fanOut({ figure, ...line }: Line): Promise<void> {
  const channels = [channelOf(0, false)];
  const one = { channels, isPersonal: false };
  const flatOut = await runs({ figure, ...line }, 'S3 flat out', {
    ...one,
    messages: 200,
    pace: undefined,
  });
  const load = `${CLIENTS} connections, one channel, 300 B, history on`;
  figure('S3', `CPU per delivery flat out, ${load}`, flatOut.serverMicros, 'µs', atMost(6.3), 9);
  figure(
    'S3',
    `deliveries a second flat out, ${load}`,
    flatOut.perSecond,
    '/s',
    atLeast(130_000),
    129_600,
  );
  const paced = await runs({ figure, ...line }, 'S3 paced', { ...one, messages: 100, pace: 20 });
  figure(
    'S3',
    `CPU per delivery at 20 messages/s, ${load}`,
    paced.serverMicros,
    'µs',
    atMost(9.2),
    13.1,
  );
}

async function personal({ figure, ...line }: Line): Promise<void> {
  const channels = Array.from({ length: CLIENTS }, (_, index) => channelOf(index, true));
  const each = { channels, isPersonal: true };
  const load = `broadcast to ${CLIENTS} personal channels, 300 B, history on`;
  const flatOut = await runs({ figure, ...line }, 'S4 flat out', {
    ...each,
    messages: 50,
    pace: undefined,
  });
  figure(
    'S4',
    `CPU per delivery flat out, ${load}`,
    flatOut.serverMicros,
    'µs',
    atMost(12.3),
    30.7,
  );
  figure(
    'S4',
    `deliveries a second flat out, ${load}`,
    flatOut.perSecond,
    '/s',
    atLeast(69_500),
    46_300,
  );
  const paced = await runs({ figure, ...line }, 'S4 paced', { ...each, messages: 25, pace: 5 });
  figure(
    'S4',
    `CPU per delivery at 5 broadcasts/s, ${load}`,
    paced.serverMicros,
    'µs',
    atMost(14.3),
    35.8,
  );
}

async function storm({ figure, note }: Line): Promise<void> {
  const micros: number[] = [];
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const rig = await HubRig.start({ history: true, serverFlags: SERVER_FLAGS });
    try {
      const result = await rig.connect({ count: CLIENTS, atOnce: CLIENTS, isPersonal: true });
      if (result.failed > 0) throw new Error(`${result.failed} connections failed`);
      micros.push(result.serverMicros / CLIENTS);
      times.push(result.tookMs);
    } finally {
      await rig.close();
    }
  }
  note(`S6: server ${micros.map((one) => one.toFixed(0)).join(' ')} µs a connection`);
  const load = `${CLIENTS} at once, JWT connect and subscribe in one frame`;
  figure('S6', `CPU per connection, ${load}`, median(micros), 'µs', atMost(105), 175);
  figure('S6', `all subscribed, ${load}`, median(times), 'ms', info, 320);
}

async function crowd({ figure, note }: Line): Promise<void> {
  const rig = await HubRig.start({ history: true, serverFlags: SERVER_FLAGS });
  try {
    await delay(1_000);
    const empty = rig.pssKb();
    const result = await rig.connect({ count: CROWD, atOnce: 500, isPersonal: true });
    if (result.failed > 0) throw new Error(`${result.failed} connections failed`);
    const load = `${CROWD} connections, 500 at a time`;
    figure(
      'S6',
      `CPU per connection, ${load}`,
      result.serverMicros / CROWD,
      'µs',
      atMost(162),
      270,
    );
    figure('S6', `all subscribed, ${load}`, result.tookMs, 'ms', info, 1_930);
    await delay(5_000);
    const full = rig.pssKb();
    note(`S5: empty ${(empty / 1024).toFixed(1)} MB, full ${(full / 1024).toFixed(1)} MB PSS`);
    figure(
      'S5',
      `memory per idle connection with one subscription, ${CROWD} connections, no TLS, PSS after 5 s`,
      (full - empty) / CROWD,
      'KB',
      atMost(8),
      49.9,
    );
  } finally {
    await rig.close();
  }
}

async function tlsCrowd({ figure }: Line): Promise<void> {
  const rig = await HubRig.start({ history: true, serverFlags: SERVER_FLAGS, isTls: true });
  try {
    await delay(1_000);
    const empty = rig.pssKb();
    const result = await rig.connect({ count: CLIENTS, atOnce: 100, isPersonal: true });
    if (result.failed > 0) throw new Error(`${result.failed} connections failed`);
    await delay(5_000);
    figure(
      'S5',
      `the same with TLS, ${CLIENTS} connections`,
      (rig.pssKb() - empty) / CLIENTS,
      'KB',
      info,
    );
  } finally {
    await rig.close();
  }
}
