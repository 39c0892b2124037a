import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { closesWith, staysSilent } from '../expectations.ts';
import { at } from '../json.ts';

const quick = { client: { ping_interval: '2s', pong_timeout: '1s' } };

/** Pings and pongs (H7). A ping comes every 2 s here, and wants its pong within 1 s. */
export const pingCases: readonly ConformanceCase[] = [
  {
    id: 'pings/announced',
    title: 'the interval of pings is in the connect reply',
    config: quick,
    async run({ connect }) {
      const { connected } = await connect();
      assert.equal(at(connected, 'connect.ping'), 2);
      assert.equal(at(connected, 'connect.pong'), true);
    },
  },
  {
    id: 'pings/first',
    title: 'the first ping comes after half to a whole interval, not to all at the same time',
    config: quick,
    rules: ['H7'],
    async run({ connect }) {
      const members = await Promise.all(Array.from({ length: 12 }, () => connect()));
      const since = performance.now();
      const after = await Promise.all(
        members.map(async ({ client }) => {
          await client.ping();
          return performance.now() - since;
        }),
      );
      for (const ms of after) assert.ok(ms > 700 && ms < 4_500, `first ping after ${ms} ms`);
    },
  },
  {
    id: 'pings/answered',
    title: 'a client that answers each ping with one pong is kept',
    config: quick,
    rules: ['H7'],
    async run({ connect }) {
      const { client } = await connect(undefined, { pongs: true });
      for (let count = 0; count < 3; count += 1) await client.ping(6_000);
      await staysSilent(client);
    },
  },
  {
    id: 'pings/unanswered',
    title: 'a client that does not answer a ping is closed 3012',
    config: quick,
    rules: ['H7'],
    async run({ connect }) {
      const { client } = await connect();
      await client.ping();
      const since = performance.now();
      await closesWith(client, 3012, 6_000);
      const waitedMs = performance.now() - since;
      assert.ok(waitedMs > 600 && waitedMs < 4_500, `closed ${waitedMs} ms after the ping`);
    },
  },
  {
    id: 'pings/commands-are-no-pongs',
    title: 'commands do not count as life: only a pong does',
    config: quick,
    rules: ['H7'],
    async run({ connect }) {
      const { client } = await connect();
      await client.ping();
      const asking = setInterval(() => {
        if (client.end === undefined) client.send({ id: 9, unsubscribe: { channel: 'a/b' } });
      }, 100);
      try {
        await closesWith(client, 3012, 6_000);
      } finally {
        clearInterval(asking);
      }
      assert.ok(client.rest().length > 3);
    },
  },
  {
    id: 'pings/unasked',
    title: 'a pong before the first ping closes 3501',
    rules: ['H7'],
    async run({ connect }) {
      const { client } = await connect();
      client.pong();
      await closesWith(client, 3501);
    },
  },
  {
    id: 'pings/two-pongs',
    title: 'a second pong for one ping closes 3501',
    config: quick,
    rules: ['H7'],
    async run({ connect }) {
      const { client } = await connect();
      await client.ping();
      client.pong();
      await staysSilent(client);
      client.pong();
      await closesWith(client, 3501);
    },
  },
  {
    id: 'pings/pong-with-more',
    title: 'a pong may share its message with commands',
    config: quick,
    rules: ['H7'],
    async run({ connect }) {
      const { client } = await connect();
      await client.ping();
      client.sendText('{}\n{"id":5,"unsubscribe":{"channel":"a/b"}}');
      assert.deepEqual(await client.next(), { id: 5, unsubscribe: {} });
      await client.ping();
      await staysSilent(client);
    },
  },
];
