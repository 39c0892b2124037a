import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { eventually } from '../eventually.ts';
import { at, textAt } from '../json.ts';
import { variousChannels, within } from './various-channels.ts';

const nobody = { num_clients: 0, num_users: 0 };

/** The API methods `presence` and `presence_stats`. */
export const presenceCases: readonly ConformanceCase[] = [
  {
    id: 'presence/of-a-channel',
    title:
      'presence names each connection with its user and the info of its tokens, presence_stats counts connections and users',
    config: variousChannels,
    needs: ['presence', 'subscription-info'],
    async run({ api, channel, connect, user }) {
      const [one, name] = [within('seen', channel()), user()];
      const first = await connect(name, { claims: { info: { name: 'Ada' } } });
      const second = await connect(name);
      const other = await connect(user(), { claims: { channels: [one] } });
      await first.subscribe(one, { claims: { info: ['owner'] } });
      await second.subscribe(one);
      const id = (member: typeof first) => textAt(member.connected, 'connect.client');
      assert.deepEqual(await api.result('presence', { channel: one }), {
        presence: {
          [id(first)]: {
            user: name,
            client: id(first),
            conn_info: { name: 'Ada' },
            chan_info: ['owner'],
          },
          [id(second)]: { user: name, client: id(second) },
          [id(other)]: { user: other.user, client: id(other) },
        },
      });
      assert.deepEqual(await api.result('presence_stats', { channel: one }), {
        num_clients: 3,
        num_users: 2,
      });
    },
  },
  {
    id: 'presence/gone',
    title:
      'who unsubscribes, is unsubscribed, disconnects or loses the connection is no longer present',
    config: variousChannels,
    rules: ['H11'],
    needs: ['presence'],
    async run({ api, channel, connect }) {
      const one = within('seen', channel());
      const members = await Promise.all(Array.from({ length: 5 }, () => connect()));
      const [leaving, unsubscribed, disconnected, closing, cut] = members as [
        Awaited<ReturnType<typeof connect>>,
        ...typeof members,
      ];
      for (const { subscribe } of members) await subscribe(one);
      const stats = () => api.result('presence_stats', { channel: one });
      assert.deepEqual(await stats(), { num_clients: 5, num_users: 5 });
      await leaving.client.ask({ unsubscribe: { channel: one } });
      await api.result('unsubscribe', { user: unsubscribed?.user, channel: one });
      await api.result('disconnect', { user: disconnected?.user });
      closing?.client.close();
      cut?.client.cut();
      await eventually('nobody is present', stats, (found) => found.num_clients === 0);
      assert.deepEqual(await stats(), nobody);
      assert.deepEqual(await api.result('presence', { channel: one }), { presence: {} });
    },
  },
  {
    id: 'presence/nobody',
    title: 'a channel without subscribers has nobody',
    config: variousChannels,
    needs: ['presence'],
    async run({ api, channel }) {
      const one = within('seen', channel());
      assert.deepEqual(await api.result('presence', { channel: one }), { presence: {} });
      assert.deepEqual(await api.result('presence_stats', { channel: one }), nobody);
    },
  },
  {
    id: 'presence/off',
    title:
      'presence and presence_stats are error 108 where it is off, 107 without a channel, 102 in an unknown namespace',
    needs: ['presence'],
    async run({ api, channel }) {
      const one = channel();
      for (const method of ['presence', 'presence_stats']) {
        assert.equal(await api.errorCode(method, { channel: one }), 108);
        assert.equal(await api.errorCode(method, { channel: '' }), 107);
        assert.equal(await api.errorCode(method, { channel: `nowhere:${one}` }), 102);
      }
    },
  },
  {
    id: 'presence/after-reconnecting',
    title: 'a user who reconnects is present once, under the new client',
    config: variousChannels,
    needs: ['presence'],
    async run({ api, channel, connect }) {
      const one = within('seen', channel());
      const before = await connect();
      await before.subscribe(one);
      before.client.cut();
      const after = await connect(before.user);
      await after.subscribe(one);
      const { presence } = await eventually(
        'the old connection is no longer present',
        () => api.result('presence', { channel: one }),
        (found) => Object.keys(at(found, 'presence') as object).length === 1,
      );
      assert.deepEqual(Object.keys(presence as object), [
        textAt(after.connected, 'connect.client'),
      ]);
    },
  },
];
