import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../monotonic.ts';
import { percentile } from '../stats.ts';
import { HubRig } from './hub-rig.ts';
import { channelOf } from './messages.ts';
import type { PushTarget } from './push-target.ts';

export const CLIENTS = 2_000;
export const CROWD = 10_000;
const DATA = { text: 'x'.repeat(280), n: 0 };

/** What one run of a scenario measured, by the metric's name. */
export type Sample = Readonly<Record<string, number>>;

export interface Scenario {
  readonly name: string;
  run(target: PushTarget): Promise<Sample>;
}

interface Spread {
  readonly channels: readonly string[];
  readonly messages: number;
  /** Messages a second; undefined: one after the other, as fast as the call returns. */
  readonly pace: number | undefined;
}

/** One channel that everyone is in: flat out, then paced. */
export function fanOut(isTls: boolean): Scenario {
  const channels = [channelOf(0, false)];
  return {
    name: `one channel of ${CLIENTS}`,
    run: (target) =>
      onRig(target, isTls, async (rig) => {
        await rig.connect({ count: CLIENTS, atOnce: atOnce(isTls), isPersonal: false });
        await delay(500);
        const flatOut = await deliver(rig, { channels, messages: 200, pace: undefined });
        await delay(500);
        const paced = await deliver(rig, { channels, messages: 80, pace: 20 });
        return { ...named('flatOut', flatOut), ...named('paced', paced) };
      }),
  };
}

/** A storm of connects, what a connection weighs, and broadcasts to a channel for each connection. */
export function personal(isTls: boolean): Scenario {
  const channels = Array.from({ length: CLIENTS }, (_, index) => channelOf(index, true));
  return {
    name: `${CLIENTS} at once, each with a channel of its own`,
    run: (target) =>
      onRig(target, isTls, async (rig) => {
        const emptyKb = rig.pssKb();
        const storm = await rig.connect({
          count: CLIENTS,
          atOnce: atOnce(isTls),
          isPersonal: true,
        });
        await delay(isTls ? 5_000 : 500);
        const kb = (rig.pssKb() - emptyKb) / CLIENTS;
        const flatOut = await deliver(rig, { channels, messages: 50, pace: undefined });
        await delay(500);
        const paced = await deliver(rig, { channels, messages: 20, pace: 5 });
        return {
          connectMicros: storm.serverMicros / CLIENTS,
          connectLoadMicros: storm.loadMicros / CLIENTS,
          stormMs: storm.tookMs,
          kb,
          ...named('flatOut', flatOut),
          ...named('paced', paced),
        };
      }),
  };
}

/** Many connections, some at a time, that then wait. */
export function crowd(): Scenario {
  return {
    name: `${CROWD} connections`,
    run: (target) =>
      onRig(target, false, async (rig) => {
        await delay(500);
        const emptyKb = rig.pssKb();
        const storm = await rig.connect({ count: CROWD, atOnce: 500, isPersonal: true });
        await delay(5_000);
        return {
          connectMicros: storm.serverMicros / CROWD,
          stormMs: storm.tookMs,
          kb: (rig.pssKb() - emptyKb) / CROWD,
        };
      }),
  };
}

/** From publishing to the push when there is little to do. */
export function roundTrips(isTls: boolean): Scenario {
  return {
    name: 'one subscriber, 50 messages a second',
    run: (target) =>
      onRig(target, isTls, async (rig) => {
        await rig.connect({ count: 1, atOnce: 1, isPersonal: false });
        await rig.paced(300, 300);
        const { p50, p99 } = await rig.paced(300, 50);
        return { p50, p99 };
      }),
  };
}

/** Handshakes with certificates keep the load generator so busy that more would only wait. */
function atOnce(isTls: boolean): number {
  return isTls ? 200 : CLIENTS;
}

async function onRig(
  target: PushTarget,
  isTls: boolean,
  run: (rig: HubRig) => Promise<Sample>,
): Promise<Sample> {
  const rig = await HubRig.start(target, { isTls });
  try {
    return await run(rig);
  } finally {
    await rig.close();
  }
}

/** Publishes to everyone, and says what each delivery cost and how long it was on its way. */
async function deliver(rig: HubRig, { channels, messages, pace }: Spread) {
  const key = `${messages}-${pace}`;
  const deliveries = messages * CLIENTS;
  const arrived = rig.delivered(messages);
  const before = rig.serverMicros();
  const sentMs: number[] = [];
  const calls: number[] = [];
  for (let n = 0; n < messages; n += 1) {
    sentMs.push(monotonicMs());
    calls.push(await rig.publish(channels, { ...DATA, n }, `${key}-${n}`));
    if (pace === undefined) continue;
    const dueAt = (sentMs[0] ?? 0) + ((n + 1) * 1000) / pace;
    await delay(Math.max(0, dueAt - monotonicMs()));
  }
  const { atMs } = await arrived;
  const micros = (rig.serverMicros() - before) / deliveries;
  const { p50, p99 } = await rig.latencies(sentMs);
  const perSecond = deliveries / ((atMs - (sentMs[0] ?? 0)) / 1000);
  return { micros, perSecond, p50, p99, callP99: percentile(calls, 0.99) };
}

function named(name: string, values: Sample): Sample {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`${name}.${key}`, value]),
  );
}
