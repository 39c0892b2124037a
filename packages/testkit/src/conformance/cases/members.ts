import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { channelOptions } from '../config.ts';
import { failure, staysSilent } from '../expectations.ts';
import { at, textAt } from '../json.ts';

const known = channelOptions({
  presence: true,
  join_leave: true,
  force_push_join_leave: true,
  allow_presence_for_subscriber: true,
  allow_publish_for_subscriber: true,
});

/** Who is in a channel: presence, join and leave, and the info of tokens. */
export const memberCases: readonly ConformanceCase[] = [
  {
    id: 'members/presence',
    title:
      'presence names each client of the channel by user and client, presence_stats counts both',
    config: channelOptions({ presence: true, allow_presence_for_subscriber: true }),
    needs: ['presence'],
    async run({ connect, channel, user }) {
      const [one, name] = [channel(), user()];
      const members = [await connect(name), await connect(name), await connect()] as const;
      for (const { subscribe } of members) await subscribe(one);
      const { client } = members[0];
      const expected = Object.fromEntries(
        members.map((member) => {
          const id = textAt(member.connected, 'connect.client');
          return [id, { user: member.user, client: id }];
        }),
      );
      assert.deepEqual(at(await client.ask({ presence: { channel: one } }), 'presence'), {
        presence: expected,
      });
      assert.deepEqual(
        at(await client.ask({ presence_stats: { channel: one } }), 'presence_stats'),
        {
          num_clients: 3,
          num_users: 2,
        },
      );
      await members[1].client.ask({ unsubscribe: { channel: one } });
      assert.deepEqual(
        at(await client.ask({ presence_stats: { channel: one } }), 'presence_stats'),
        {
          num_clients: 2,
          num_users: 2,
        },
      );
    },
  },
  {
    id: 'members/presence-of-strangers',
    title: 'presence is error 103 for a client that is not subscribed',
    config: channelOptions({ presence: true, allow_presence_for_subscriber: true }),
    needs: ['presence'],
    async run({ connect, channel }) {
      const { client } = await connect();
      client.send(
        { id: 2, presence: { channel: channel() } },
        { id: 3, presence_stats: { channel: channel() } },
      );
      assert.deepEqual(await client.next(), failure(2, 103));
      assert.deepEqual(await client.next(), failure(3, 103));
    },
  },
  {
    id: 'members/presence-info',
    title: 'info of the connection token and of the subscription token stand in presence',
    config: channelOptions({ presence: true, allow_presence_for_subscriber: true }),
    needs: ['presence', 'subscription-info'],
    async run({ connect, channel, user }) {
      const one = channel();
      const member = await connect(user(), { claims: { info: { name: 'Ada' } } });
      await member.subscribe(one, { claims: { info: { role: 'owner' } } });
      const id = textAt(member.connected, 'connect.client');
      const reply = await member.client.ask({ presence: { channel: one } });
      assert.deepEqual(at(reply, 'presence.presence'), {
        [id]: {
          user: member.user,
          client: id,
          conn_info: { name: 'Ada' },
          chan_info: { role: 'owner' },
        },
      });
    },
  },
  {
    id: 'members/join-leave',
    title:
      'who joins and who leaves is pushed to those who are there, by unsubscribing and by going',
    config: known,
    needs: ['join-leave'],
    async run({ connect, channel, user }) {
      const one = channel();
      const watcher = await connect();
      await watcher.subscribe(one);
      const info = (member: typeof watcher) => ({
        user: member.user,
        client: textAt(member.connected, 'connect.client'),
      });
      // One's own joining comes after the reply.
      assert.deepEqual(await watcher.client.push(one), { join: { info: info(watcher) } });
      const guest = await connect(user());
      await guest.subscribe(one);
      assert.deepEqual(await watcher.client.push(one), { join: { info: info(guest) } });
      await guest.client.ask({ unsubscribe: { channel: one } });
      assert.deepEqual(await watcher.client.push(one), { leave: { info: info(guest) } });
      await guest.subscribe(one);
      assert.deepEqual(await watcher.client.push(one), { join: { info: info(guest) } });
      guest.client.close();
      assert.deepEqual(await watcher.client.push(one), { leave: { info: info(guest) } });
      await staysSilent(watcher.client);
    },
  },
  {
    id: 'members/join-leave-not-pushed',
    title:
      'joining is pushed only to subscriptions that ask for it and may know, unless it is forced',
    config: channelOptions({
      presence: true,
      join_leave: true,
      allow_presence_for_subscriber: true,
    }),
    needs: ['join-leave', 'presence'],
    async run({ connect, channel }) {
      const one = channel();
      const asking = await connect();
      const plain = await connect();
      await asking.subscribe(one, { subscribe: { join_leave: true } });
      await asking.client.push(one);
      await plain.subscribe(one);
      assert.equal(at(await asking.client.push(one), 'join.info.user'), plain.user);
      const third = await connect();
      await third.subscribe(one);
      assert.equal(at(await asking.client.push(one), 'join.info.user'), third.user);
      await staysSilent(plain.client);
    },
  },
  {
    id: 'members/join-leave-overridden',
    title: 'a token that overrides join_leave says who is announced, not who may ask to be told',
    config: channelOptions({
      presence: true,
      join_leave: true,
      allow_presence_for_subscriber: true,
    }),
    needs: ['join-leave', 'presence', 'overrides'],
    async run({ connect, channel }) {
      const one = channel();
      const override = { join_leave: { value: false } };
      const secret = await connect();
      await secret.subscribe(one, { claims: { override }, subscribe: { join_leave: true } });
      const guest = await connect();
      await guest.subscribe(one);
      assert.equal(at(await secret.client.push(one), 'join.info.user'), guest.user);
      await staysSilent(secret.client);
    },
  },
  {
    id: 'members/publisher-info',
    title: "a client's publication says who it is, with the info of its tokens",
    config: known,
    needs: ['client-publish', 'subscription-info', 'join-leave'],
    async run({ connect, channel, user }) {
      const one = channel();
      const author = await connect(user(), { claims: { info: { name: 'Ada' } } });
      await author.subscribe(one, { claims: { info: [1] } });
      await author.client.push(one);
      author.client.send({ id: 5, publish: { channel: one, data: 1 } });
      const { pub } = await author.client.push(one);
      assert.deepEqual(at(pub, 'info'), {
        user: author.user,
        client: textAt(author.connected, 'connect.client'),
        conn_info: { name: 'Ada' },
        chan_info: [1],
      });
    },
  },
];
