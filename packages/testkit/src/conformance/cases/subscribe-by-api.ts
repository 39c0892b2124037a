import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { closesWith, failure, publication, staysSilent } from '../expectations.ts';
import { at, textAt } from '../json.ts';
import { inSeconds } from '../tokens.ts';
import { quickExpiry } from './expiry.ts';
import { variousChannels, within } from './various-channels.ts';

const place = { recoverable: true, positioned: true, epoch: 'epoch-1' };

/** The API method `subscribe`: a server-side subscription in a connection that is there. */
export const subscribeByApiCases: readonly ConformanceCase[] = [
  {
    id: 'subscribe-by-api/pushed',
    title:
      'every connection of the user is told by a push with the position, then gets what is published',
    rules: ['H1'],
    needs: ['api-subscribe'],
    async run({ api, channel, connect, user, normal }) {
      const [name, one] = [user(), channel()];
      const members = [await connect(name), await connect(name)];
      const stranger = await connect();
      await api.publish(one, 'before');
      assert.deepEqual(await api.result('subscribe', { user: name, channel: one }), {});
      await api.publish(one, 'after');
      for (const { client } of members) {
        assert.deepEqual(normal(await client.next()), {
          push: { channel: one, subscribe: { ...place, offset: 1 } },
        });
        assert.deepEqual(normal(await client.push(one)), publication('after', 2));
      }
      await staysSilent(stranger.client);
    },
  },
  {
    id: 'subscribe-by-api/client',
    title: 'with user and client it subscribes that connection alone',
    needs: ['api-subscribe'],
    async run({ api, channel, connect, user }) {
      const [name, one] = [user(), channel()];
      const [first, second] = [await connect(name), await connect(name)];
      const client = textAt(first.connected, 'connect.client');
      await api.result('subscribe', { user: name, client, channel: one });
      assert.notEqual(at(await first.client.push(one), 'subscribe'), undefined);
      await api.publish(one, 1);
      await staysSilent(second.client);
    },
  },
  {
    id: 'subscribe-by-api/data-and-info',
    title: 'data comes with the push, info stands in presence',
    config: variousChannels,
    needs: ['api-subscribe', 'presence'],
    async run({ api, channel, connect, normal }) {
      const one = within('seen', channel());
      const { client, connected, user } = await connect();
      const command = { user, channel: one, data: { room: 5 }, info: { role: 'guest' } };
      await api.result('subscribe', command);
      assert.deepEqual(normal(await client.push(one)), {
        subscribe: { ...place, data: { room: 5 } },
      });
      const id = textAt(connected, 'connect.client');
      assert.deepEqual(await api.result('presence', { channel: one }), {
        presence: { [id]: { user, client: id, chan_info: { role: 'guest' } } },
      });
    },
  },
  {
    id: 'subscribe-by-api/without-history',
    title: 'in a channel without history the push is there all the same, empty',
    rules: ['H3'],
    config: variousChannels,
    needs: ['api-subscribe'],
    async run({ api, channel, connect }) {
      const one = within('unkept', channel());
      const { client, user } = await connect();
      await api.result('subscribe', { user, channel: one });
      assert.deepEqual(await client.push(one), { subscribe: {} });
      await api.publish(one, 1);
      assert.deepEqual(await client.push(one), publication(1));
    },
  },
  {
    id: 'subscribe-by-api/override',
    title: 'override replaces options of the channel for this subscription',
    needs: ['api-subscribe', 'overrides'],
    async run({ api, channel, connect, normal }) {
      const one = channel();
      const { client, user } = await connect();
      const override = { force_recovery: { value: false }, force_positioning: { value: true } };
      await api.result('subscribe', { user, channel: one, override });
      const { epoch, ...push } = (await client.push(one)).subscribe as Record<string, unknown>;
      assert.notEqual(epoch, undefined);
      assert.deepEqual(normal(push), { positioned: true });
    },
  },
  {
    id: 'subscribe-by-api/ended',
    title: 'it ends by unsubscribe of the API, and with the connection',
    rules: ['H11'],
    needs: ['api-subscribe'],
    async run({ api, channel, connect }) {
      const [one, other] = [channel(), channel()];
      const member = await connect();
      for (const name of [one, other]) {
        await api.result('subscribe', { user: member.user, channel: name });
        await member.client.push(name);
      }
      await api.result('unsubscribe', { user: member.user, channel: one });
      assert.equal(at(await member.client.push(one), 'unsubscribe.code'), 2000);
      await api.publish(one, 1);
      await staysSilent(member.client);
      member.client.cut();
      const again = await connect(member.user);
      assert.equal(at(again.connected, 'connect.subs'), undefined);
      await api.publish(other, 1);
      await staysSilent(again.client);
    },
  },
  {
    id: 'subscribe-by-api/then-by-client',
    title: "a client's own subscribe to such a channel is error 105, and it goes on",
    rules: ['H11'],
    needs: ['api-subscribe'],
    async run({ api, channel, connect, normal }) {
      const one = channel();
      const { client, subscribing, user } = await connect();
      await api.result('subscribe', { user, channel: one });
      await client.push(one);
      client.send({ id: 2, ...subscribing(one) });
      assert.deepEqual(await client.next(), failure(2, 105));
      await api.publish(one, 1);
      assert.deepEqual(normal(await client.push(one)), publication(1, 1));
      await staysSilent(client);
    },
  },
  {
    id: 'subscribe-by-api/again',
    title: 'once more it is pushed once more, and publications still come once',
    needs: ['api-subscribe'],
    async run({ api, channel, connect, normal }) {
      const one = channel();
      const { client, user } = await connect();
      for (const data of [1, 2]) {
        await api.result('subscribe', { user, channel: one, data });
        assert.equal(at(await client.push(one), 'subscribe.data'), data);
      }
      await api.publish(one, 'once');
      assert.deepEqual(normal(await client.push(one)), publication('once', 1));
      await staysSilent(client);
    },
  },
  {
    id: 'subscribe-by-api/recover-since',
    title:
      'recover_since: stock moves the client past what it missed, ours pushes that after the subscribe',
    rules: ['H3'],
    needs: ['api-subscribe'],
    async run({ api, channel, connect, manner, normal }) {
      const one = channel();
      const { epoch } = await api.publish(one, 1);
      for (const n of [2, 3]) await api.publish(one, n);
      const { client, user } = await connect();
      const recover_since = { offset: 1, epoch };
      await api.result('subscribe', { user, channel: one, recover_since });
      const { subscribe } = await client.push(one);
      assert.equal(at(subscribe, 'recoverable'), true);
      if (manner('subscribe-by-api-recovers') === 'hub') {
        for (const n of [2, 3]) {
          assert.deepEqual(normal(await client.push(one)), publication(n, n));
        }
      }
      await api.publish(one, 4);
      assert.deepEqual(normal(await client.push(one)), publication(4, 4));
      await staysSilent(client);
    },
  },
  {
    id: 'subscribe-by-api/expires',
    title: 'expire_at: the connection is closed 3006 after the grace',
    rules: ['H10'],
    config: quickExpiry,
    needs: ['api-subscribe'],
    async run({ api, channel, connect }) {
      const one = channel();
      const { client, user } = await connect();
      const since = performance.now();
      await api.result('subscribe', { user, channel: one, expire_at: inSeconds(2) });
      await client.push(one);
      await closesWith(client, 3006, 10_000);
      const afterMs = performance.now() - since;
      assert.ok(afterMs > 1_500, `closed after ${afterMs} ms`);
    },
  },
  {
    id: 'subscribe-by-api/expired',
    title: 'an expire_at in the past subscribes nobody',
    rules: ['H10'],
    needs: ['api-subscribe'],
    async run({ api, channel, connect }) {
      const one = channel();
      const { client, user } = await connect();
      await api.call('subscribe', { user, channel: one, expire_at: inSeconds(-10) });
      await api.publish(one, 1);
      await staysSilent(client);
    },
  },
  {
    id: 'subscribe-by-api/over-the-limit',
    title: 'one channel more than client.channel_limit closes 3505',
    config: { client: { channel_limit: 2 } },
    needs: ['api-subscribe'],
    async run({ api, channel, connect }) {
      const { client, user } = await connect();
      for (const name of [channel(), channel()]) {
        await api.result('subscribe', { user, channel: name });
        await client.push(name);
      }
      await api.call('subscribe', { user, channel: channel() });
      await closesWith(client, 3505);
    },
  },
  {
    id: 'subscribe-by-api/refused',
    title:
      'it is error 107 without a channel and 102 in an unknown namespace; a user who is not there is no fault',
    needs: ['api-subscribe'],
    async run({ api, channel, connect }) {
      const { client, user } = await connect();
      assert.equal(await api.errorCode('subscribe', { user }), 107);
      const command = { user, channel: `nowhere:${channel()}` };
      assert.equal(await api.errorCode('subscribe', command), 102);
      const elsewhere = { user: `${user}-else`, channel: channel() };
      assert.deepEqual(await api.result('subscribe', elsewhere), {});
      await staysSilent(client);
    },
  },
];
