import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import type { CaseContext, Member } from '../context.ts';
import { eventually } from '../eventually.ts';
import { publication } from '../expectations.ts';
import { at, listAt, numberAt, textAt } from '../json.ts';
import type { PushApi } from '../push-api.ts';
import { residentBytes } from '../resident-memory.ts';
import { connectionToken, subscriptionToken } from '../tokens.ts';

const PUBLICATIONS = 200;
const BYTES = 60_000;
const QUEUE_BYTES = 200_000;
const MEGABYTE = 1_048_576;

/** Without a namespace almost nothing is kept, so that a flood costs no memory. */
const config = {
  client: { queue_max_size: QUEUE_BYTES },
  channel: {
    without_namespace: { history_size: 1, history_ttl: '60s', force_recovery: false },
    namespaces: [
      { name: 'kept', history_size: 300, history_ttl: '60s', force_recovery: true },
      { name: 'seen', presence: true },
    ],
  },
};

/** More than the queue and the buffers of both systems hold. */
async function flood(api: PushApi, ...channels: readonly string[]): Promise<void> {
  const data = 'x'.repeat(BYTES);
  for (let n = 0; n < PUBLICATIONS; n += 1) await api.result('broadcast', { channels, data });
}

async function givenAll({ client }: Member, channel: string): Promise<void> {
  for (let n = 1; n <= PUBLICATIONS; n += 1) {
    assert.equal(numberAt(await client.push(channel), 'pub.offset'), n);
  }
}

function offsetsOf({ client }: Member, channel: string): number[] {
  return client.received
    .filter(({ object }) => at(object, 'push.channel') === channel)
    .map(({ object }) => numberAt(object, 'push.pub.offset'));
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

/** Clients that do not read (H8). */
export const slowCases: readonly ConformanceCase[] = [
  {
    id: 'slow/one-among-others',
    title:
      'a client that stops reading is closed, and the others are given everything in order meanwhile',
    config,
    rules: ['H8'],
    timeoutMs: 30_000,
    async run({ connect, channel, api }) {
      const one = channel();
      const [slow, quick] = [await connect(), await connect()];
      await slow.subscribe(one);
      await quick.subscribe(one);
      slow.client.socket.pause();
      await flood(api, one);
      await givenAll(quick, one);
      slow.client.socket.resume();
      const { code } = await slow.client.closed();
      // A close frame that found no room in time does not come.
      assert.ok(code === 3008 || code === 1006, `closed ${code}`);
      const came = offsetsOf(slow, one);
      assert.ok(came.length < PUBLICATIONS, `${came.length} came: what waited was not dropped`);
      assert.deepEqual(came, upTo(came.length), 'what came before the close has gaps');
    },
  },
  {
    id: 'slow/recovers',
    title: 'what a client missed by being slow is recovered when it comes back: once, in order',
    config,
    rules: ['H8', 'H4'],
    timeoutMs: 30_000,
    async run({ connect, channel, api }) {
      const [loud, kept] = [channel(), `kept:${channel()}`];
      const slow = await connect();
      await slow.subscribe(loud);
      const { subscribe: place } = await slow.subscribe(kept);
      slow.client.socket.pause();
      for (let n = 1; n <= 10; n += 1) await api.publish(kept, n);
      await flood(api, loud);
      for (let n = 11; n <= 20; n += 1) await api.publish(kept, n);
      slow.client.socket.resume();
      await slow.client.closed();
      const before = offsetsOf(slow, kept);
      const back = await connect(slow.user);
      const offset = before.at(-1) ?? 0;
      const reply = await back.subscribe(kept, {
        subscribe: { recover: true, epoch: at(place, 'epoch'), offset },
      });
      assert.equal(at(reply, 'subscribe.recovered'), true);
      const missed = listAt(reply, 'subscribe.publications').map((one) => numberAt(one, 'offset'));
      assert.deepEqual([...before, ...missed], upTo(20));
      await api.publish(kept, 21);
      assert.equal(numberAt(await back.client.push(kept), 'pub.offset'), 21);
    },
  },
  {
    id: 'slow/never-reads',
    title: 'a client that never reads again is dropped and keeps nothing',
    config,
    needs: ['presence'],
    rules: ['H8', 'H9'],
    timeoutMs: 30_000,
    async run({ connect, channel, api }) {
      const [loud, seen] = [channel(), `seen:${channel()}`];
      const [slow, quick] = [await connect(), await connect()];
      for (const { subscribe } of [slow, quick]) {
        await subscribe(loud);
        await subscribe(seen);
      }
      slow.client.socket.pause();
      await flood(api, loud);
      const { presence } = await eventually(
        'the slow client is no longer present',
        () => api.result('presence', { channel: seen }),
        (found) => Object.keys(at(found, 'presence') as object).length === 1,
        8_000,
      );
      const left = textAt(quick.connected, 'connect.client');
      assert.deepEqual(Object.keys(presence as object), [left]);
      await givenAll(quick, loud);
    },
  },
  {
    id: 'slow/memory',
    title:
      'twenty clients that stop reading cost the server no more than their queues, and nobody waits for them',
    config,
    ownServer: true,
    rules: ['H8'],
    timeoutMs: 30_000,
    async run({ connect, channel, api, server }) {
      // Each has a channel of its own, since a server may hold what many wait for only once.
      const slow = await Promise.all(Array.from({ length: 20 }, () => connect()));
      const channels = slow.map(channel);
      for (const [index, { subscribe }] of slow.entries()) await subscribe(channels[index] ?? '');
      const one = channel();
      const quick = await connect();
      await quick.subscribe(one);
      for (const { client } of slow) client.socket.pause();
      const before = await residentBytes(server.pid);
      await flood(api, one, ...channels);
      await givenAll(quick, one);
      // All that waits would be 20 x 200 x 60,000 bytes, less the third that the systems' buffers take.
      const grown = (await residentBytes(server.pid)) - before;
      assert.ok(grown < 100 * MEGABYTE, `the server grew by ${Math.round(grown / MEGABYTE)} MiB`);
      await api.publish(one, 'after');
      assert.equal(at(await quick.client.push(one), 'pub.data'), 'after');
    },
  },
  {
    id: 'slow/reads-slowly',
    title: 'a client that reads too slowly for a while, but whose queue never fills, is kept',
    config,
    rules: ['H8'],
    async run({ connect, channel, api, normal }) {
      const one = `kept:${channel()}`;
      const { client, subscribe } = await connect();
      await subscribe(one);
      client.socket.pause();
      for (let n = 1; n <= 100; n += 1) await api.publish(one, n);
      client.socket.resume();
      for (let n = 1; n <= 100; n += 1) {
        assert.deepEqual(normal(await client.push(one)), publication(n, n));
      }
      assert.equal(client.end, undefined);
    },
  },
  {
    id: 'slow/recovery-larger-than-the-queue',
    title:
      'a recovery larger than the queue ends: all is recovered, or the client is told that it is not, and is live',
    config,
    rules: ['H8', 'H4'],
    timeoutMs: 30_000,
    run: (context) => comesBack(context, { channels: 1, publications: 80, isServerSide: false }),
  },
  {
    id: 'slow/recoveries-larger-than-the-queue',
    title: 'so do twelve of one client, each of which would fit',
    config,
    rules: ['H8', 'H4'],
    timeoutMs: 30_000,
    run: (context) => comesBack(context, { channels: 12, publications: 10, isServerSide: false }),
  },
  {
    id: 'slow/connect-larger-than-the-queue',
    title: 'so does a connect whose server-side subscriptions together would not fit',
    config,
    rules: ['H8', 'H4'],
    timeoutMs: 30_000,
    run: (context) => comesBack(context, { channels: 12, publications: 10, isServerSide: true }),
  },
];

interface Missed {
  readonly channels: number;
  /** In each of them, of 4,000 bytes. */
  readonly publications: number;
  readonly isServerSide: boolean;
}

/**
 * A client of the SDK misses more than its queue holds. How often it is closed on the way is a race (T2 of
 * the suite's races); what counts is how it ends.
 */
async function comesBack(
  { sdk, channel, api, user }: CaseContext,
  { channels: count, publications, isServerSide }: Missed,
): Promise<void> {
  const name = user();
  const channels = Array.from({ length: count }, () => `kept:${channel()}`);
  const data = new Map(channels.map((one) => [one, [] as unknown[]]));
  const unrecovered = new Set<string>();
  const note = (one: string, value: { readonly n: number }) => data.get(one)?.push(value.n);
  const client = sdk({
    token: connectionToken(name, isServerSide ? { channels } : {}),
  });
  if (isServerSide) {
    client.on('publication', (pub) => note(pub.channel, pub.data));
    client.on('subscribed', ({ channel: one, wasRecovering, recovered }) => {
      if (wasRecovering && !recovered) unrecovered.add(one);
    });
  } else {
    for (const one of channels) {
      const subscription = client.newSubscription(one, { token: subscriptionToken(name, one) });
      subscription.on('publication', (pub) => note(one, pub.data));
      subscription.on('subscribed', ({ wasRecovering, recovered }) => {
        if (wasRecovering && !recovered) unrecovered.add(one);
      });
      subscription.subscribe();
    }
  }
  const filling = 'x'.repeat(4_000);
  const publish = (n: number) =>
    api.result('broadcast', { channels, data: { n, filling }, idempotency_key: String(n) });
  const given = (last: number) =>
    eventually(
      `publication ${last} of every channel`,
      async () => [...data.values()].map((values) => values.at(-1)),
      (lasts) => lasts.every((found) => found === last),
      15_000,
    );
  client.connect();
  await client.ready(5_000);
  await Promise.all(Object.values(client.subscriptions()).map((one) => one.ready(5_000)));
  await publish(0);
  await given(0);
  client.disconnect();
  for (let n = 1; n <= publications; n += 1) await publish(n);
  client.connect();
  await client.ready(10_000);
  await Promise.all(Object.values(client.subscriptions()).map((one) => one.ready(10_000)));
  await publish(publications + 1);
  await given(publications + 1);
  for (const [one, found] of data) {
    const missed = unrecovered.has(one) ? [] : upTo(publications);
    assert.deepEqual(found, [0, ...missed, publications + 1]);
  }
}
