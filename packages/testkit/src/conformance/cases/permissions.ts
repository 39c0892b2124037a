import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { channelOptions } from '../config.ts';
import { closesWith, failure, publication, staysSilent } from '../expectations.ts';
import { at } from '../json.ts';

const reading = channelOptions({
  presence: true,
  allow_publish_for_subscriber: true,
  allow_history_for_subscriber: true,
  allow_presence_for_subscriber: true,
});
const anyClient = channelOptions({
  presence: true,
  allow_subscribe_for_client: true,
  allow_publish_for_client: true,
  allow_history_for_client: true,
  allow_presence_for_client: true,
});

/** What clients may do beyond subscribing: publish, history, presence. */
export const permissionCases: readonly ConformanceCase[] = [
  {
    id: 'permissions/denied',
    title: 'publish and history are error 103 where nothing allows them, subscribed or not',
    async run({ connect, channel, api, normal }) {
      const one = channel();
      const { client, subscribe } = await connect();
      for (const isSubscribed of [false, true]) {
        if (isSubscribed) await subscribe(one);
        client.send(
          { id: 2, publish: { channel: one, data: {} } },
          { id: 3, history: { channel: one, limit: 5 } },
        );
        assert.deepEqual(await client.next(), failure(2, 103));
        assert.deepEqual(await client.next(), failure(3, 103));
      }
      await api.publish(one, 'first');
      assert.deepEqual(normal(await client.push(one)), publication('first', 1));
    },
  },
  {
    id: 'permissions/presence-off',
    title: 'presence and presence_stats are error 108 where presence is off',
    async run({ connect, channel }) {
      const { client } = await connect();
      client.send(
        { id: 2, presence: { channel: channel() } },
        { id: 3, presence_stats: { channel: channel() } },
      );
      assert.deepEqual(await client.next(), failure(2, 108));
      assert.deepEqual(await client.next(), failure(3, 108));
    },
  },
  {
    id: 'permissions/history-off',
    title: 'history is error 108 where a channel has none',
    config: channelOptions({
      history_size: 0,
      history_ttl: '0s',
      force_recovery: false,
      allow_history_for_client: true,
    }),
    needs: ['client-history'],
    async run({ connect, channel }) {
      const { client } = await connect();
      client.send({ id: 2, history: { channel: channel(), limit: 5 } });
      assert.deepEqual(await client.next(), failure(2, 108));
    },
  },
  {
    id: 'permissions/unknown-namespace',
    title: 'publish, history and presence in an unknown namespace are error 102',
    async run({ connect, channel }) {
      const { client } = await connect();
      const name = `nowhere:${channel()}`;
      client.send(
        { id: 2, publish: { channel: name, data: {} } },
        { id: 3, history: { channel: name } },
        { id: 4, presence: { channel: name } },
        { id: 5, presence_stats: { channel: name } },
      );
      for (const id of [2, 3, 4, 5]) assert.deepEqual(await client.next(), failure(id, 102));
    },
  },
  {
    id: 'permissions/no-channel',
    title:
      'publish, history and presence without a channel close 3501, and so does publish without data',
    async run({ connect, channel }) {
      for (const command of [
        { publish: { data: {} } },
        { publish: { channel: channel() } },
        { history: {} },
        { presence: {} },
        { presence_stats: {} },
      ]) {
        const { client } = await connect();
        client.send({ id: 2, ...command });
        await closesWith(client, 3501);
        assert.deepEqual(client.rest(), []);
      }
    },
  },
  {
    id: 'permissions/publish-for-subscriber',
    title:
      'a subscriber may publish where it is allowed: all get it with who published, the publisher too; others may not',
    config: reading,
    needs: ['client-publish'],
    async run({ connect, channel, normal }) {
      const one = channel();
      const author = await connect();
      const reader = await connect();
      const stranger = await connect();
      await author.subscribe(one);
      await reader.subscribe(one);
      stranger.client.send({ id: 2, publish: { channel: one, data: 'no' } });
      assert.deepEqual(await stranger.client.next(), failure(2, 103));
      author.client.send({ id: 3, publish: { channel: one, data: { text: 'yes' } } });
      assert.deepEqual(await author.client.reply(3), { id: 3, publish: {} });
      normal(author.connected);
      const expected = {
        pub: {
          data: { text: 'yes' },
          offset: 1,
          info: { user: author.user, client: 'client-1' },
        },
      };
      for (const { client } of [author, reader]) {
        assert.deepEqual(normal(await client.push(one)), expected);
      }
    },
  },
  {
    id: 'permissions/for-client',
    title: 'where any client may, one that is not subscribed publishes, reads history and presence',
    config: anyClient,
    needs: ['client-publish', 'client-history', 'presence', 'subscribe-without-token'],
    async run({ connect, channel, normal }) {
      const one = channel();
      const { client } = await connect();
      const member = await connect();
      const subscribed = await member.client.ask({ subscribe: { channel: one } });
      assert.equal(at(subscribed, 'subscribe.recoverable'), true);
      assert.equal(at(subscribed, 'subscribe.expires'), undefined);
      client.send({ id: 3, publish: { channel: one, data: 1 } });
      assert.deepEqual(await client.next(), { id: 3, publish: {} });
      client.send({ id: 4, history: { channel: one, limit: 10 } });
      normal(client.received[0]?.object);
      assert.equal(at(await client.next(), 'history.offset'), 1);
      client.send({ id: 5, presence_stats: { channel: one } });
      assert.deepEqual(await client.next(), {
        id: 5,
        presence_stats: { num_clients: 1, num_users: 1 },
      });
    },
  },
  {
    id: 'permissions/subscribe-for-client',
    title: 'where clients may subscribe without a token, anonymous ones may not',
    config: channelOptions({ allow_subscribe_for_client: true }),
    needs: ['subscribe-without-token'],
    async run({ connect, channel }) {
      const known = await connect();
      assert.notEqual(
        at(await known.client.ask({ subscribe: { channel: channel() } }), 'subscribe'),
        undefined,
      );
      const nobody = await connect('');
      assert.equal(
        at(await nobody.client.ask({ subscribe: { channel: channel() } }), 'error.code'),
        103,
      );
      const marked = await known.client.ask({ subscribe: { channel: `$${channel()}` } });
      assert.equal(at(marked, 'error.code'), 103);
    },
  },
  {
    id: 'permissions/subscribe-for-anonymous',
    title: 'allow_subscribe_for_anonymous lets them, too',
    config: channelOptions({
      allow_subscribe_for_client: true,
      allow_subscribe_for_anonymous: true,
    }),
    needs: ['subscribe-without-token'],
    async run({ connect, channel }) {
      const nobody = await connect('');
      assert.notEqual(
        at(await nobody.client.ask({ subscribe: { channel: channel() } }), 'subscribe'),
        undefined,
      );
    },
  },
  {
    id: 'permissions/bad-token-counts',
    title: 'a bad token is refused even where none is needed',
    config: channelOptions({ allow_subscribe_for_client: true }),
    needs: ['subscribe-without-token'],
    async run({ connect, channel }) {
      const { client } = await connect();
      const reply = await client.ask({ subscribe: { channel: channel(), token: 'no good' } });
      assert.equal(at(reply, 'error.code'), 103);
      await staysSilent(client);
    },
  },
  {
    id: 'permissions/user-limited',
    title: 'a channel with a # belongs to the users it names, where that is allowed',
    config: channelOptions({ allow_user_limited_channels: true }),
    needs: ['user-limited-channels'],
    async run({ connect, channel, user, api, normal }) {
      const [mine, friend, name] = [user(), user(), channel()];
      const one = `${name}#${mine},${friend}`;
      for (const who of [mine, friend]) {
        const { client } = await connect(who);
        assert.notEqual(
          at(await client.ask({ subscribe: { channel: one } }), 'subscribe'),
          undefined,
        );
      }
      const stranger = await connect();
      assert.equal(
        at(await stranger.client.ask({ subscribe: { channel: one } }), 'error.code'),
        103,
      );
      const nobody = await connect('');
      assert.equal(
        at(await nobody.client.ask({ subscribe: { channel: `${name}#` } }), 'error.code'),
        103,
      );
      const again = await connect(mine, { connect: { subs: { [one]: {} } } });
      assert.notEqual(at(again.connected, 'connect.subs'), undefined);
      await api.publish(one, 1);
      assert.deepEqual(normal(await again.client.push(one)), publication(1, 1));
    },
  },
  {
    id: 'permissions/user-limited-off',
    title: 'without allow_user_limited_channels a # is a character like any other',
    needs: ['user-limited-channels'],
    async run({ connect, channel, user }) {
      const name = user();
      const one = `${channel()}#${name}`;
      const { client, subscribe } = await connect(name);
      assert.equal(at(await client.ask({ subscribe: { channel: one } }), 'error.code'), 103);
      assert.notEqual(at(await subscribe(one), 'subscribe'), undefined);
    },
  },
  {
    id: 'permissions/data-format',
    title:
      'where publication_data_format is json_object, other data is error 107, of clients and of the API',
    config: channelOptions({
      publication_data_format: 'json_object',
      allow_publish_for_subscriber: true,
    }),
    needs: ['publication-data-format', 'client-publish'],
    async run({ connect, channel, api, normal }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      for (const data of [1, 'text', [1], true]) {
        assert.equal(await api.errorCode('publish', { channel: one, data }), 107);
        const reply = await client.ask({ publish: { channel: one, data } });
        assert.equal(at(reply, 'error.code'), 107);
      }
      await api.publish(one, { n: 1 });
      assert.deepEqual(normal(await client.push(one)), publication({ n: 1 }, 1));
      await staysSilent(client);
    },
  },
];
