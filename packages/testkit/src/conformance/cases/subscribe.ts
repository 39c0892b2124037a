import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { channelOptions } from '../config.ts';
import { closesWith, failure, publication, staysSilent } from '../expectations.ts';
import { at, listAt } from '../json.ts';
import { subscriptionToken } from '../tokens.ts';

/** The commands `subscribe` and `unsubscribe`, and what a server ends by itself. */
export const subscribeCases: readonly ConformanceCase[] = [
  {
    id: 'subscribe/reply',
    title: 'a subscribe to a new channel is answered with its position, offset 0 left out',
    async run({ connect, channel, normal }) {
      const { client, subscribing } = await connect();
      client.send({ id: 2, ...subscribing(channel()) });
      assert.deepEqual(normal(await client.next()), {
        id: 2,
        subscribe: {
          expires: true,
          ttl: 'ttl',
          recoverable: true,
          positioned: true,
          epoch: 'epoch-1',
        },
      });
    },
  },
  {
    id: 'subscribe/top',
    title: 'a subscribe says the offset of the last publication, and brings none of them',
    async run({ connect, channel, api, normal }) {
      const one = channel();
      await api.publish(one, 1);
      const { epoch } = await api.publish(one, 2);
      const { subscribe } = await connect();
      const reply = await subscribe(one, { claims: { exp: undefined } });
      assert.equal(at(reply, 'subscribe.epoch'), epoch);
      assert.deepEqual(normal(at(reply, 'subscribe')), {
        recoverable: true,
        positioned: true,
        epoch: 'epoch-1',
        offset: 2,
      });
    },
  },
  {
    id: 'subscribe/without-history',
    title:
      'in a channel without history the result is there all the same, empty, and publications have no offset',
    config: channelOptions({ history_size: 0, history_ttl: '0s', force_recovery: false }),
    rules: ['H3'],
    async run({ connect, channel, api }) {
      const one = channel();
      const { client, subscribing } = await connect();
      client.send({ id: 2, ...subscribing(one, { claims: { exp: undefined } }) });
      assert.deepEqual(await client.next(), { id: 2, subscribe: {} });
      assert.deepEqual(await api.publish(one, { n: 1 }), {});
      assert.deepEqual(await client.push(one), publication({ n: 1 }));
    },
  },
  {
    id: 'subscribe/history-without-recovery',
    title: 'history alone makes no subscription recoverable, yet publications have offsets',
    config: channelOptions({ force_recovery: false }),
    needs: ['positioning'],
    async run({ connect, channel, api, normal }) {
      const one = channel();
      const { client, subscribe } = await connect();
      const reply = await subscribe(one, { claims: { exp: undefined } });
      assert.deepEqual(reply.subscribe, {});
      await api.publish(one, { n: 1 });
      assert.deepEqual(normal(await client.push(one)), publication({ n: 1 }, 1));
    },
  },
  {
    id: 'subscribe/force-positioning',
    title: 'force_positioning makes a subscription positioned and not recoverable',
    config: channelOptions({ force_recovery: false, force_positioning: true }),
    needs: ['positioning'],
    async run({ connect, channel, normal }) {
      const { subscribe } = await connect();
      const reply = await subscribe(channel(), { claims: { exp: undefined } });
      assert.deepEqual(normal(reply.subscribe), { positioned: true, epoch: 'epoch-1' });
    },
  },
  {
    id: 'subscribe/asked-for',
    title: 'where it is allowed a client asks for recovery or positioning, and has them only then',
    config: channelOptions({
      force_recovery: false,
      allow_recovery: true,
      allow_positioning: true,
    }),
    needs: ['positioning'],
    async run({ connect, channel, normal }) {
      const { subscribe } = await connect();
      const claims = { exp: undefined };
      const plain = await subscribe(channel(), { claims });
      assert.deepEqual(plain.subscribe, {});
      const recoverable = await subscribe(channel(), { claims, subscribe: { recoverable: true } });
      assert.deepEqual(normal({ ...(recoverable.subscribe as object), epoch: 'e' }), {
        recoverable: true,
        positioned: true,
        epoch: 'epoch-1',
      });
      const positioned = await subscribe(channel(), { claims, subscribe: { positioned: true } });
      assert.deepEqual(normal({ ...(positioned.subscribe as object), epoch: 'e' }), {
        positioned: true,
        epoch: 'epoch-1',
      });
    },
  },
  {
    id: 'subscribe/not-asked-for',
    title: 'where it is not allowed a client asks for recovery in vain',
    config: channelOptions({ force_recovery: false }),
    needs: ['positioning'],
    async run({ connect, channel }) {
      const { subscribe } = await connect();
      const reply = await subscribe(channel(), {
        claims: { exp: undefined },
        subscribe: { recoverable: true, positioned: true },
      });
      assert.deepEqual(reply.subscribe, {});
    },
  },
  {
    id: 'subscribe/delivery',
    title: 'a publication reaches all subscribers of its channel and nobody else, in order, once',
    async run({ connect, channel, api, normal }) {
      const [one, other] = [channel(), channel()];
      const members = [await connect(), await connect(), await connect()] as const;
      for (const { subscribe } of members.slice(0, 2)) await subscribe(one);
      await members[2].subscribe(other);
      for (const n of [1, 2, 3]) await api.publish(one, { n });
      for (const { client } of members.slice(0, 2)) {
        for (const n of [1, 2, 3]) {
          assert.deepEqual(normal(await client.push(one)), publication({ n }, n));
        }
        await staysSilent(client);
      }
      await api.publish(other, { n: 4 });
      assert.deepEqual(normal(await members[2].client.push(other)), publication({ n: 4 }, 1));
      assert.deepEqual(members[2].client.rest(), []);
    },
  },
  {
    id: 'subscribe/first-push-says-epoch',
    title: 'the publication of offset 1 says its epoch, later ones do not',
    rules: ['H4'],
    needs: ['epoch-in-first-push'],
    async run({ connect, channel, api }) {
      const one = channel();
      const { client, subscribe } = await connect();
      const reply = await subscribe(one);
      await api.publish(one, 1);
      await api.publish(one, 2);
      const epoch = at(reply, 'subscribe.epoch');
      assert.deepEqual(await client.push(one), { pub: { data: 1, offset: 1, epoch } });
      assert.deepEqual(await client.push(one), { pub: { data: 2, offset: 2 } });
    },
  },
  {
    id: 'subscribe/twice',
    title: 'a channel that is subscribed already is error 105, and goes on',
    rules: ['H11'],
    async run({ connect, channel, api, normal }) {
      const one = channel();
      const { client, subscribing } = await connect();
      client.send({ id: 2, ...subscribing(one) });
      assert.notEqual(at(await client.next(), 'subscribe'), undefined);
      client.send({ id: 3, ...subscribing(one) });
      assert.deepEqual(await client.next(), failure(3, 105));
      await api.publish(one, 'still here');
      assert.deepEqual(normal(await client.push(one)), publication('still here', 1));
    },
  },
  {
    id: 'subscribe/twice-in-a-message',
    title: 'the second of two subscribes to one channel in one message is error 105',
    rules: ['H5', 'H11'],
    async run({ connect, channel }) {
      const one = channel();
      const { client, subscribing } = await connect();
      client.send({ id: 2, ...subscribing(one) }, { id: 3, ...subscribing(one) });
      assert.notEqual(at(await client.next(), 'subscribe'), undefined);
      assert.deepEqual(await client.next(), failure(3, 105));
    },
  },
  {
    id: 'subscribe/over-the-limit',
    title:
      'more than 128 channels are error 106 each, the client stays, and room is made by unsubscribing',
    async run({ connect, channel }) {
      const { client, subscribing } = await connect();
      const names = Array.from({ length: 130 }, channel);
      client.send(...names.map((one, index) => ({ id: index + 2, ...subscribing(one) })));
      for (const [index] of names.entries()) {
        const reply = await client.next();
        if (index < 128) assert.notEqual(reply.subscribe, undefined, JSON.stringify(reply));
        else assert.deepEqual(reply, failure(index + 2, 106));
      }
      const [first = '', ...rest] = names;
      const last = rest.at(-1) ?? '';
      await client.ask({ unsubscribe: { channel: first } });
      assert.notEqual(at(await client.ask(subscribing(last)), 'subscribe'), undefined);
    },
  },
  {
    id: 'subscribe/lower-limit',
    title: 'client.channel_limit is obeyed',
    config: { client: { channel_limit: 2 } },
    async run({ connect, channel }) {
      const { subscribe } = await connect();
      await subscribe(channel());
      await subscribe(channel());
      assert.equal(at(await subscribe(channel()), 'error.code'), 106);
    },
  },
  {
    id: 'subscribe/name-too-long',
    title: 'a name of more than 255 bytes is error 107, one of 255 is good',
    rules: ['H12'],
    async run({ connect, channel }) {
      const { client, subscribing } = await connect();
      const fits = channel().padEnd(255, 'x');
      client.send({ id: 2, ...subscribing(`${fits}x`) }, { id: 3, ...subscribing(fits) });
      assert.deepEqual(await client.next(), failure(2, 107));
      assert.notEqual(at(await client.next(), 'subscribe'), undefined);
    },
  },
  {
    id: 'subscribe/name-not-ascii',
    title: 'a name that is not ASCII is error 107',
    async run({ connect, channel }) {
      const { client, subscribing } = await connect();
      client.send({ id: 2, ...subscribing(`${channel()}ü`) });
      assert.deepEqual(await client.next(), failure(2, 107));
      await staysSilent(client);
    },
  },
  {
    id: 'subscribe/unknown-namespace',
    title: 'a name in an unknown namespace is error 102',
    async run({ connect, channel }) {
      const { client, subscribing } = await connect();
      client.send({ id: 2, ...subscribing(`nowhere:${channel()}`) });
      assert.deepEqual(await client.next(), failure(2, 102));
      await staysSilent(client);
    },
  },
  {
    id: 'subscribe/empty-name',
    title: 'an empty name closes 3501, in subscribe and in unsubscribe',
    async run({ connect }) {
      for (const command of ['subscribe', 'unsubscribe']) {
        const { client, user } = await connect();
        client.send({ id: 2, [command]: { channel: '', token: subscriptionToken(user, '') } });
        await closesWith(client, 3501);
        assert.deepEqual(client.rest(), []);
      }
    },
  },
  {
    id: 'subscribe/regex',
    title: 'a name that does not fit channel_regex is error 107',
    config: channelOptions({ channel_regex: '^o-[0-9a-z-]+/u$' }),
    needs: ['channel-regex'],
    async run({ connect, channel }) {
      const { client, subscribing } = await connect();
      const fits = channel();
      client.send({ id: 2, ...subscribing(`x${fits}`) }, { id: 3, ...subscribing(fits) });
      assert.deepEqual(await client.next(), failure(2, 107));
      assert.notEqual(at(await client.next(), 'subscribe'), undefined);
    },
  },
  {
    id: 'unsubscribe/reply',
    title: 'after an unsubscribe nothing of the channel comes any more, and it can be had again',
    rules: ['H11'],
    async run({ connect, channel, api, normal }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      client.send({ id: 3, unsubscribe: { channel: one } });
      assert.deepEqual(await client.next(), { id: 3, unsubscribe: {} });
      await api.publish(one, 'nobody listens');
      await staysSilent(client);
      await subscribe(one);
      await api.publish(one, 'again');
      assert.deepEqual(normal(await client.push(one)), publication('again', 2));
    },
  },
  {
    id: 'unsubscribe/not-subscribed',
    title: 'an unsubscribe from a channel that is not subscribed succeeds',
    rules: ['H11'],
    async run({ connect, channel }) {
      const { client } = await connect();
      client.send({ id: 3, unsubscribe: { channel: channel() } });
      assert.deepEqual(await client.next(), { id: 3, unsubscribe: {} });
    },
  },
  {
    id: 'unsubscribe/by-api',
    title:
      'an unsubscribe by the API is pushed with code 2000 and ends that subscription alone, after which the same token is good',
    rules: ['H11'],
    async run({ connect, channel, api, normal }) {
      const [one, other] = [channel(), channel()];
      const member = await connect();
      const stranger = await connect();
      await member.subscribe(one);
      await member.subscribe(other);
      await stranger.subscribe(one);
      await api.result('unsubscribe', { user: member.user, channel: one });
      assert.deepEqual(await member.client.push(one), {
        unsubscribe: { code: 2000, reason: 'server unsubscribe' },
      });
      await api.publish(one, 1);
      await api.publish(other, 2);
      assert.deepEqual(normal(await member.client.next()), {
        push: { channel: other, ...publication(2, 1) },
      });
      assert.deepEqual(normal(await stranger.client.push(one)), publication(1, 1));
      assert.notEqual(at(await member.subscribe(one), 'subscribe'), undefined);
    },
  },
  {
    id: 'unsubscribe/by-api-all-connections',
    title: 'an unsubscribe by the API reaches every connection of the user',
    rules: ['H11'],
    async run({ connect, channel, api, user }) {
      const [one, name] = [channel(), user()];
      const members = [await connect(name), await connect(name)];
      for (const { subscribe } of members) await subscribe(one);
      await api.result('unsubscribe', { user: name, channel: one });
      for (const { client } of members) {
        assert.equal(at(await client.push(one), 'unsubscribe.code'), 2000);
      }
      await api.publish(one, 1);
      for (const { client } of members) await staysSilent(client);
    },
  },
  {
    id: 'unsubscribe/empty-channel-is-no-wildcard',
    title: 'an unsubscribe by the API with an empty channel ends nothing',
    rules: ['H11'],
    async run({ connect, channel, api, normal }) {
      const one = channel();
      const member = await connect();
      await member.subscribe(one);
      // Centrifugo succeeds and pushes an unsubscribe without a channel; a refusal is as good.
      await api.call('unsubscribe', { user: member.user, channel: '' });
      await api.publish(one, 1);
      assert.deepEqual(normal(await member.client.push(one)), publication(1, 1));
    },
  },
  {
    id: 'subscribe/freed-by-leaving',
    title: 'a client that is gone keeps nothing: its user connects and subscribes again',
    rules: ['H11'],
    async run({ connect, channel, api, normal, user }) {
      const [one, name] = [channel(), user()];
      const first = await connect(name);
      await first.subscribe(one);
      first.client.cut();
      await first.client.closed();
      const second = await connect(name);
      assert.notEqual(at(await second.subscribe(one), 'subscribe'), undefined);
      await api.publish(one, 1);
      assert.deepEqual(normal(await second.client.push(one)), publication(1, 1));
      await staysSilent(second.client);
    },
  },
  {
    id: 'subscribe/data',
    title: 'data of a subscription token is in the reply, as it is written there',
    needs: ['subscription-info'],
    async run({ connect, channel }) {
      const { subscribe } = await connect();
      const reply = await subscribe(channel(), { claims: { data: { room: [1, 2] } } });
      assert.deepEqual(at(reply, 'subscribe.data'), { room: [1, 2] });
    },
  },
  {
    id: 'subscribe/many-channels-one-broadcast',
    title: 'a broadcast reaches every channel once, whatever the order across channels',
    async run({ connect, channel, api, normal }) {
      const names = Array.from({ length: 40 }, channel);
      const { client, subscribe } = await connect();
      for (const one of names) await subscribe(one);
      const result = await api.result('broadcast', { channels: names, data: { n: 1 } });
      assert.equal(listAt(result, 'responses').length, 40);
      for (const one of names) {
        assert.deepEqual(normal(await client.push(one)), publication({ n: 1 }, 1));
      }
      await staysSilent(client);
    },
  },
];
