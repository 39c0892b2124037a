import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { closesWith, failure, staysSilent } from '../expectations.ts';
import { at } from '../json.ts';
import { openProtocolClient } from '../protocol-client.ts';
import { connectionToken, inSeconds, subscriptionToken } from '../tokens.ts';

const connected = {
  connect: { client: 'client-1', expires: true, ttl: 'ttl', ping: 25, pong: true },
};

/** The command `connect`, and what may come before and after it. */
export const connectCases: readonly ConformanceCase[] = [
  {
    id: 'connect/reply',
    title: 'a good token is answered with client, expiry and ping interval',
    async run({ open, user, normal }) {
      const client = await open();
      client.send({ id: 7, connect: { token: connectionToken(user()), name: 'suite' } });
      assert.deepEqual(normal(await client.next()), { id: 7, ...connected });
      await staysSilent(client);
    },
  },
  {
    id: 'connect/every-client-its-id',
    title: 'two connections of one user have different client ids',
    async run({ connect, user }) {
      const name = user();
      const [one, other] = [await connect(name), await connect(name)];
      assert.notEqual(at(one.connected, 'connect.client'), at(other.connected, 'connect.client'));
    },
  },
  {
    id: 'connect/unknown-fields',
    title: 'name, version, data, headers and fields nobody knows change nothing',
    async run({ open, user, normal }) {
      const client = await open();
      const token = connectionToken(user());
      const more = {
        name: 'suite',
        version: '1',
        data: { a: 1 },
        headers: { 'x-a': 'b' },
        what: 1,
      };
      client.send({ id: 1, connect: { token, ...more }, who: 'knows' });
      assert.deepEqual(normal(await client.next()), { id: 1, ...connected });
    },
  },
  {
    id: 'connect/pipelined',
    title: 'connect and subscribes in one message are answered in order',
    rules: ['H5'],
    async run({ open, user, channel, normal }) {
      const [name, one, other] = [user(), channel(), channel()];
      const client = await open();
      client.send(
        { id: 1, connect: { token: connectionToken(name) } },
        { id: 2, subscribe: { channel: one, token: subscriptionToken(name, one), flag: 1 } },
        { id: 3, subscribe: { channel: other, token: subscriptionToken(name, other) } },
      );
      assert.deepEqual(normal(await client.next()), { id: 1, ...connected });
      for (const id of [2, 3]) {
        const reply = await client.next();
        assert.equal(reply.id, id);
        const { epoch, ...rest } = reply.subscribe as Record<string, unknown>;
        assert.equal(typeof epoch, 'string');
        assert.deepEqual(normal(rest), {
          expires: true,
          ttl: 'ttl',
          recoverable: true,
          positioned: true,
        });
      }
    },
  },
  {
    id: 'connect/hundred-pipelined',
    title:
      'a hundred subscribes in the message of the connect are all answered, at most 16 replies a message',
    rules: ['H12'],
    async run({ open, user, channel }) {
      const name = user();
      const client = await open();
      const subscribes = Array.from({ length: 100 }, (_, index) => {
        const one = channel();
        return {
          id: index + 2,
          subscribe: { channel: one, token: subscriptionToken(name, one), flag: 1 },
        };
      });
      client.send({ id: 1, connect: { token: connectionToken(name) } }, ...subscribes);
      for (let id = 1; id <= 101; id += 1) {
        const reply = await client.next(`reply ${id}`);
        assert.equal(reply.id, id);
        assert.equal(reply.error, undefined);
      }
    },
  },
  {
    id: 'connect/no-token',
    title: 'a connect without a token closes 3501 where nothing allows it',
    async run({ open }) {
      const client = await open();
      client.send({ id: 1, connect: {} });
      await closesWith(client, 3501);
    },
  },
  {
    id: 'connect/not-first',
    title: 'any other first command closes 3501, unanswered',
    rules: ['H5'],
    async run({ open, user, channel }) {
      const [name, one] = [user(), channel()];
      for (const command of [
        { id: 1, subscribe: { channel: one, token: subscriptionToken(name, one) } },
        { id: 1, unsubscribe: { channel: one } },
        { id: 1, rpc: { method: 'x' } },
        { send: { data: {} } },
        {},
      ]) {
        const client = await open();
        client.send(command, { id: 2, connect: { token: connectionToken(name) } });
        await closesWith(client, 3501);
        assert.deepEqual(client.rest(), []);
      }
    },
  },
  {
    id: 'connect/second',
    title: 'a second connect closes 3501',
    async run({ connect }) {
      const { client, user } = await connect();
      client.send({ id: 2, connect: { token: connectionToken(user) } });
      await closesWith(client, 3501);
      assert.deepEqual(client.rest(), []);
    },
  },
  {
    id: 'connect/stale',
    title: 'a client that does not connect is closed 3502 when its time is over',
    config: { client: { stale_close_delay: '2s' } },
    async run({ open }) {
      const client = await open();
      const { afterMs } = await closesWith(client, 3502, 6_000);
      assert.ok(afterMs > 1_500 && afterMs < 5_000, `after ${afterMs} ms`);
    },
  },
  {
    id: 'connect/in-time',
    title: 'a client that connects in time is not closed as stale',
    config: { client: { stale_close_delay: '2s' } },
    async run({ open, connect, user }) {
      const { client } = await connect(user());
      const stale = await open();
      await closesWith(stale, 3502, 6_000);
      await staysSilent(client);
    },
  },
  {
    id: 'connect/error-stops-the-message',
    title: 'after a connect error nothing more is answered, neither of that message nor later',
    rules: ['H5', 'H9'],
    async run({ open, user, channel }) {
      const [name, one] = [user(), channel()];
      const client = await open();
      client.send(
        { id: 1, connect: { token: connectionToken(name, { exp: inSeconds(-10) }) } },
        { id: 2, subscribe: { channel: one, token: subscriptionToken(name, one) } },
      );
      assert.deepEqual(await client.next(), failure(1, 109));
      client.send({ id: 3, connect: { token: connectionToken(name) } });
      const { code, afterMs } = await client.closed(9_000);
      // T8: the transport is dropped after a time; some close with 3501 as soon as more comes.
      assert.ok(code === 1006 || code === 3501, `closed ${code}`);
      assert.ok(code === 3501 || afterMs > 3_000, `dropped after ${afterMs} ms`);
      assert.deepEqual(client.rest(), []);
    },
  },
  {
    id: 'connect/error-then-left',
    title: 'a client that was refused may close by itself',
    rules: ['H9'],
    async run({ open, user }) {
      const client = await open();
      client.send({ id: 1, connect: { token: connectionToken(user(), { exp: inSeconds(-10) }) } });
      assert.deepEqual(await client.next(), failure(1, 109));
      client.close(1000);
      const { code } = await client.closed(7_000);
      assert.ok([1000, 1005, 1006].includes(code), `closed ${code}`);
    },
  },
  {
    id: 'connect/anonymous-token',
    title: 'a token with an empty sub connects an anonymous user',
    async run({ connect }) {
      const { client } = await connect('');
      await staysSilent(client);
    },
  },
  {
    id: 'connect/anonymous-token-refused',
    title: 'client.disallow_anonymous_connection_tokens closes 3507',
    config: { client: { disallow_anonymous_connection_tokens: true } },
    needs: ['anonymous-modes'],
    async run({ open, connect }) {
      const client = await open();
      client.send({ id: 1, connect: { token: connectionToken('') } });
      await closesWith(client, 3507);
      await connect();
    },
  },
  {
    id: 'connect/anonymous-without-token',
    title: 'client.allow_anonymous_connect_without_token connects without a token, for ever',
    config: { client: { allow_anonymous_connect_without_token: true } },
    needs: ['anonymous-modes'],
    async run({ open, normal, channel }) {
      const client = await open();
      client.send({ id: 1, connect: {} });
      assert.deepEqual(normal(await client.next()), {
        id: 1,
        connect: { client: 'client-1', ping: 25, pong: true },
      });
      const refused = await client.ask({ subscribe: { channel: channel() } });
      assert.equal(at(refused, 'error.code'), 103);
    },
  },
  {
    id: 'connect/insecure',
    title: 'client.insecure connects and subscribes without tokens',
    config: { client: { insecure: true } },
    needs: ['insecure-modes'],
    async run({ open, normal, channel, api }) {
      const one = channel();
      const client = await open();
      client.send({ id: 1, connect: {} });
      assert.deepEqual(normal(await client.next()), {
        id: 1,
        connect: { client: 'client-1', ping: 25, pong: true },
      });
      const reply = await client.ask({ subscribe: { channel: one } });
      assert.equal(at(reply, 'subscribe.positioned'), true);
      await api.publish(one, { n: 1 });
      assert.deepEqual(at(await client.push(one), 'pub.data'), { n: 1 });
    },
  },
  {
    id: 'connect/user-connection-limit',
    title: 'one connection more than client.user_connection_limit closes 3504, others stay',
    config: { client: { user_connection_limit: 2 } },
    needs: ['user-connection-limit'],
    async run({ open, connect, user }) {
      const name = user();
      const first = await connect(name);
      const second = await connect(name);
      const third = await open();
      third.send({ id: 1, connect: { token: connectionToken(name) } });
      await closesWith(third, 3504);
      await staysSilent(first.client);
      await connect();
      second.client.close();
      await second.client.closed();
      await connect(name);
    },
  },
  {
    id: 'connect/connection-limit',
    title: 'more connections than client.connection_limit are answered 503 at the upgrade',
    config: { client: { connection_limit: 2 } },
    ownServer: true,
    needs: ['connection-rate-limit'],
    async run({ connect, server }) {
      await connect();
      await connect();
      await assert.rejects(openProtocolClient(server.wsUrl), /503/);
    },
  },
  {
    id: 'connect/connection-rate-limit',
    title:
      'more connections at once than client.connection_rate_limit are answered 503 at the upgrade',
    config: { client: { connection_rate_limit: 3 } },
    ownServer: true,
    needs: ['connection-rate-limit'],
    async run({ open }) {
      const opened = await Promise.allSettled(Array.from({ length: 40 }, () => open()));
      const refused = opened.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      assert.ok(refused.length > 0 && refused.length <= 37, `${refused.length} of 40 were refused`);
      for (const reason of refused) assert.match(String(reason), /503/);
    },
  },
  {
    id: 'connect/subprotocol',
    title: 'a client that offers centrifuge-json is answered with it and served',
    async run({ connect }) {
      const { client } = await connect(undefined, { subprotocols: ['centrifuge-json'] });
      assert.equal(client.socket.protocol, 'centrifuge-json');
      await staysSilent(client);
    },
  },
  {
    id: 'connect/foreign-origin',
    title:
      'a page of a foreign origin is answered 403, one that is allowed connects, so does a program',
    config: { client: { allowed_origins: ['https://app.example.com', 'https://*.example.org'] } },
    needs: ['allowed-origins'],
    async run({ open, server }) {
      const from = (origin: string) => ({ websocket: { origin } });
      await assert.rejects(
        openProtocolClient(server.wsUrl, from('https://evil.example.com')),
        /403/,
      );
      await open(from('https://app.example.com'));
      await open(from('https://APP.example.com'));
      await open(from('https://one.example.org'));
      await open();
    },
  },
];
