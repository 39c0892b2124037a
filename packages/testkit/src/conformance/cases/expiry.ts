import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { closesWith, failure, publication, staysSilent } from '../expectations.ts';
import { at, type JsonObject, numberAt } from '../json.ts';
import { connectionToken, inSeconds, spoilSignature, subscriptionToken } from '../tokens.ts';

/** What has run out is borne for a second, and looked for every second. */
export const quickExpiry = {
  client: {
    expired_close_delay: '1s',
    expired_sub_close_delay: '1s',
    presence_update_interval: '1s',
  },
};
const soon = () => ({ exp: inSeconds(2) });
/** Two seconds of token, one of grace, and what a check and a busy machine take. */
const LATEST_MS = 10_000;

/** `refresh` with these faults and what comes of it. */
const refreshFaults: readonly {
  readonly id: string;
  readonly title: string;
  readonly token: (user: string) => string;
  readonly code: number;
}[] = [
  {
    id: 'expired',
    title: 'an expired token closes 3005',
    token: (user) => connectionToken(user, { exp: inSeconds(-1) }),
    code: 3005,
  },
  {
    id: 'other-user',
    title: "another user's token closes 3500",
    token: (user) => connectionToken(`${user}-else`),
    code: 3500,
  },
  {
    id: 'bad-signature',
    title: 'a badly signed token closes 3500',
    token: (user) => spoilSignature(connectionToken(user)),
    code: 3500,
  },
  {
    id: 'subscription-key',
    title: 'a subscription token closes 3500',
    token: (user) => subscriptionToken(user, 'a/b'),
    code: 3500,
  },
  {
    id: 'other-channels',
    title: 'a token with channels that the connection has not closes 3010',
    token: (user) => connectionToken(user, { channels: [`new-${user}/u`] }),
    code: 3010,
  },
  { id: 'none', title: 'no token closes 3501', token: () => '', code: 3501 },
  {
    id: 'ended',
    title: 'a token whose expire_at is past is error 110',
    token: (user) => connectionToken(user, { expire_at: inSeconds(-10) }),
    code: 110,
  },
];

const subRefreshFaults: readonly {
  readonly id: string;
  readonly title: string;
  readonly token: (user: string, channel: string) => string;
  readonly code: number;
}[] = [
  {
    id: 'other-user',
    title: "another user's token closes 3500",
    token: (user, channel) => subscriptionToken(`${user}-else`, channel),
    code: 3500,
  },
  {
    id: 'other-channel',
    title: "another channel's token closes 3500",
    token: (user, channel) => subscriptionToken(user, `${channel}-else`),
    code: 3500,
  },
  {
    id: 'bad-signature',
    title: 'a badly signed token closes 3500',
    token: (user, channel) => spoilSignature(subscriptionToken(user, channel)),
    code: 3500,
  },
  { id: 'none', title: 'no token is error 107', token: () => '', code: 107 },
  {
    id: 'ended',
    title: 'a token whose expire_at is past is error 110',
    token: (user, channel) => subscriptionToken(user, channel, { expire_at: inSeconds(-10) }),
    code: 110,
  },
];

/** What runs out, and how it is kept (H10). */
export const expiryCases: readonly ConformanceCase[] = [
  {
    id: 'expiry/connection',
    title: 'a connection whose token runs out is closed 3005 after the grace',
    config: quickExpiry,
    rules: ['H10'],
    async run({ connect, user }) {
      const { client } = await connect(user(), { claims: soon() });
      const { afterMs } = await closesWith(client, 3005, LATEST_MS);
      // The second in which exp ends may have been half over at the connect.
      assert.ok(afterMs > 1_500, `closed after ${afterMs} ms`);
      assert.deepEqual(client.rest(), []);
    },
  },
  {
    id: 'expiry/refreshed',
    title: 'a connection that is refreshed in time lives on, and is told the new time',
    config: quickExpiry,
    rules: ['H10'],
    async run({ connect, user, normal }) {
      const name = user();
      const doomed = await connect(user(), { claims: soon() });
      const { client } = await connect(name, { claims: soon() });
      client.send({ id: 3, refresh: { token: connectionToken(name) } });
      assert.deepEqual(normal(await client.next()), {
        id: 3,
        refresh: { expires: true, ttl: 'ttl' },
      });
      await closesWith(doomed.client, 3005, LATEST_MS);
      await staysSilent(client);
    },
  },
  {
    id: 'expiry/refreshed-in-the-grace',
    title: 'a refresh in the grace after the end still keeps a connection',
    config: { client: { ...quickExpiry.client, expired_close_delay: '6s' } },
    rules: ['H10'],
    async run({ connect, user }) {
      const name = user();
      const { client } = await connect(name, { claims: { exp: inSeconds(1) } });
      const ended = await connect(name, { claims: { exp: inSeconds(3) } });
      const short = await ended.subscribe(`${name}/u`, { claims: { exp: inSeconds(2) } });
      assert.notEqual(short.subscribe, undefined);
      // The push of a subscription that ended later says that the first token is over for long.
      await ended.client.push(`${name}/u`, LATEST_MS);
      const reply = await client.ask({ refresh: { token: connectionToken(name) } });
      assert.equal(at(reply, 'refresh.expires'), true);
      await staysSilent(client);
    },
  },
  {
    id: 'expiry/refreshed-for-ever',
    title: 'a refresh with a token that never expires says nothing of an end',
    config: quickExpiry,
    async run({ connect, user }) {
      const name = user();
      const { client } = await connect(name, { claims: soon() });
      client.send({ id: 3, refresh: { token: connectionToken(name, { exp: undefined }) } });
      assert.deepEqual(await client.next(), { id: 3, refresh: {} });
    },
  },
  ...refreshFaults.map(
    ({ id, title, token, code }): ConformanceCase => ({
      id: `refresh/${id}`,
      title: `refresh: ${title}`,
      rules: ['H10'],
      async run({ connect }) {
        const { client, user } = await connect();
        client.send({ id: 3, refresh: { token: token(user) } });
        if (code >= 3000) await closesWith(client, code);
        else assert.deepEqual(await client.next(), failure(3, code));
        assert.deepEqual(client.rest(), []);
      },
    }),
  ),
  {
    id: 'refresh/lost-channels',
    title: 'refresh: a token without the channels that the connection has by its claim closes 3010',
    rules: ['H10'],
    async run({ connect, channel, user }) {
      const { client, user: name } = await connect(user(), { claims: { channels: [channel()] } });
      client.send({ id: 3, refresh: { token: connectionToken(name) } });
      await closesWith(client, 3010);
    },
  },
  {
    id: 'refresh/same-channels',
    title: 'refresh: a token with the same channels is good',
    async run({ connect, channel, user, normal }) {
      const channels = [channel(), channel()];
      const { client, user: name } = await connect(user(), { claims: { channels } });
      const token = connectionToken(name, { channels: [...channels].reverse() });
      client.send({ id: 3, refresh: { token } });
      assert.deepEqual(normal(await client.next()), {
        id: 3,
        refresh: { expires: true, ttl: 'ttl' },
      });
    },
  },
  {
    id: 'expiry/subscription',
    title:
      'a subscription whose token runs out ends after the grace with push 2501; the connection stays and may subscribe again',
    config: quickExpiry,
    rules: ['H10'],
    async run({ connect, channel, api, normal }) {
      const [one, other] = [channel(), channel()];
      const { client, subscribe } = await connect();
      const since = performance.now();
      await subscribe(one, { claims: soon() });
      await subscribe(other);
      assert.deepEqual(await client.push(one, LATEST_MS), {
        unsubscribe: { code: 2501, reason: 'subscription expired' },
      });
      const afterMs = performance.now() - since;
      assert.ok(afterMs > 1_500, `ended after ${afterMs} ms`);
      await api.publish(one, 'nobody hears');
      await api.publish(other, 'heard');
      assert.deepEqual(normal(await client.next()), {
        push: { channel: other, ...publication('heard', 1) },
      });
      assert.notEqual(at(await subscribe(one), 'subscribe'), undefined);
    },
  },
  {
    id: 'expiry/sub-refreshed',
    title: 'a subscription that is refreshed in time lives on',
    config: quickExpiry,
    rules: ['H10'],
    async run({ connect, channel, api, normal }) {
      const [one, doomed] = [channel(), channel()];
      const { client, user, subscribe } = await connect();
      await subscribe(one, { claims: soon() });
      client.send({ id: 3, sub_refresh: { channel: one, token: subscriptionToken(user, one) } });
      assert.deepEqual(normal(await client.next()), {
        id: 3,
        sub_refresh: { expires: true, ttl: 'ttl' },
      });
      await subscribe(doomed, { claims: soon() });
      assert.equal(at(await client.push(doomed, LATEST_MS), 'unsubscribe.code'), 2501);
      await api.publish(one, 1);
      assert.deepEqual(normal(await client.push(one)), publication(1, 1));
    },
  },
  ...subRefreshFaults.map(
    ({ id, title, token, code }): ConformanceCase => ({
      id: `sub-refresh/${id}`,
      title: `sub_refresh: ${title}`,
      rules: ['H10'],
      async run({ connect, channel }) {
        const one = channel();
        const { client, user, subscribe } = await connect();
        await subscribe(one);
        client.send({ id: 3, sub_refresh: { channel: one, token: token(user, one) } });
        if (code >= 3000) await closesWith(client, code);
        else assert.deepEqual(await client.next(), failure(3, code));
        assert.deepEqual(client.rest(), []);
      },
    }),
  ),
  {
    id: 'sub-refresh/expired',
    title: 'sub_refresh: an expired token never answers 109 or 110, which clients take as the end',
    rules: ['H10'],
    async run({ connect, channel, manner, api, normal }) {
      const one = channel();
      const { client, user, subscribe } = await connect();
      await subscribe(one);
      const token = subscriptionToken(user, one, { exp: inSeconds(-1) });
      client.send({ id: 3, sub_refresh: { channel: one, token } });
      assert.deepEqual(await client.next(), { id: 3, sub_refresh: {} });
      if (manner('sub-refresh-expired') === 'hub') {
        assert.deepEqual(await client.push(one), {
          unsubscribe: { code: 2501, reason: 'subscription expired' },
        });
        await api.publish(one, 1);
        await staysSilent(client);
      } else {
        await api.publish(one, 1);
        assert.deepEqual(normal(await client.push(one)), publication(1, 1));
      }
    },
  },
  {
    id: 'sub-refresh/not-subscribed',
    title: 'sub_refresh of a channel that is not subscribed is error 103',
    async run({ connect, channel }) {
      const one = channel();
      const { client, user } = await connect();
      client.send({ id: 3, sub_refresh: { channel: one, token: subscriptionToken(user, one) } });
      assert.deepEqual(await client.next(), failure(3, 103));
      await staysSilent(client);
    },
  },
  {
    id: 'sub-refresh/for-ever',
    title: 'sub_refresh with a token that never expires says nothing of an end',
    async run({ connect, channel }) {
      const one = channel();
      const { client, user, subscribe } = await connect();
      await subscribe(one);
      const token = subscriptionToken(user, one, { exp: undefined });
      client.send({ id: 3, sub_refresh: { channel: one, token } });
      assert.deepEqual(await client.next(), { id: 3, sub_refresh: {} });
    },
  },
  {
    id: 'expiry/ttl-in-whole-seconds',
    title: 'a ttl is what is left, in whole seconds, in every reply that says one',
    rules: ['H10'],
    async run({ connect, channel, user }) {
      const one = channel();
      const name = user();
      const claims = (): JsonObject => ({ exp: inSeconds(90) });
      const { client, connected, subscribe } = await connect(name, { claims: claims() });
      const replies = [
        at(connected, 'connect'),
        at(await subscribe(one, { claims: claims() }), 'subscribe'),
        at(await client.ask({ refresh: { token: connectionToken(name, claims()) } }), 'refresh'),
        at(
          await client.ask({
            sub_refresh: { channel: one, token: subscriptionToken(name, one, claims()) },
          }),
          'sub_refresh',
        ),
      ];
      for (const reply of replies) {
        const ttl = numberAt(reply, 'ttl');
        assert.ok(Number.isInteger(ttl) && ttl >= 87 && ttl <= 90, `ttl ${ttl}`);
      }
    },
  },
  {
    id: 'expiry/far-future',
    title: 'a token that lasts for decades is borne, and nothing expires at once',
    rules: ['H10'],
    async run({ connect, channel, user, api, normal }) {
      const one = channel();
      const claims = { exp: inSeconds(60 * 60 * 24 * 365 * 50) };
      const { client, subscribe } = await connect(user(), { claims });
      await subscribe(one, { claims });
      await api.publish(one, 1);
      assert.deepEqual(normal(await client.push(one)), publication(1, 1));
      await staysSilent(client);
    },
  },
];
