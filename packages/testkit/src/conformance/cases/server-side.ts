import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { closesWith, failure, publication, staysSilent } from '../expectations.ts';
import { at } from '../json.ts';
import { connectionToken, subscriptionToken } from '../tokens.ts';

const place = { recoverable: true, positioned: true, epoch: 'epoch-1' };

/** Subscriptions that the server makes: claims of the connection token, and `connect.subs`. */
export const serverSideCases: readonly ConformanceCase[] = [
  {
    id: 'server-side/channels-claim',
    title: 'the channels claim subscribes: the reply says their positions, publications follow',
    async run({ connect, channel, api, user, normal }) {
      const [one, other] = [channel(), channel()];
      await api.publish(one, 0);
      const { client, connected } = await connect(user(), { claims: { channels: [one, other] } });
      const subs = at(connected, 'connect.subs') as Record<string, unknown>;
      assert.deepEqual(Object.keys(subs).sort(), [one, other].sort());
      assert.deepEqual(normal(subs[one]), { ...place, offset: 1 });
      await api.publish(one, 1);
      assert.deepEqual(normal(await client.push(one)), publication(1, 2));
      await api.publish(other, 2);
      assert.deepEqual(normal(await client.push(other)), publication(2, 1));
    },
  },
  {
    id: 'server-side/subs-claim',
    title: 'so does the subs claim',
    async run({ connect, channel, api, user, normal }) {
      const one = channel();
      const { client, connected } = await connect(user(), { claims: { subs: { [one]: {} } } });
      const subs = at(connected, 'connect.subs') as Record<string, unknown>;
      assert.deepEqual(normal(subs[one]), place);
      await api.publish(one, 1);
      assert.deepEqual(normal(await client.push(one)), publication(1, 1));
    },
  },
  {
    id: 'server-side/both-claims',
    title: 'where there is a subs claim, channels does not count',
    async run({ connect, channel, user }) {
      const [one, other] = [channel(), channel()];
      const claims = { subs: { [one]: {} }, channels: [other] };
      const { connected } = await connect(user(), { claims });
      assert.deepEqual(Object.keys(at(connected, 'connect.subs') as object), [one]);
    },
  },
  {
    id: 'server-side/override',
    title: 'options of a claim replace those of the channel, in subs and in subscription tokens',
    needs: ['overrides'],
    async run({ connect, channel, user, normal }) {
      const [one, other] = [channel(), channel()];
      const override = {
        force_recovery: { value: false },
        force_positioning: { value: true },
      };
      const claims = { subs: { [one]: { override } } };
      const { connected, subscribe } = await connect(user(), { claims });
      const subs = at(connected, 'connect.subs') as Record<string, unknown>;
      assert.deepEqual(normal({ ...(subs[one] as object), epoch: 'e' }), {
        positioned: true,
        epoch: 'epoch-1',
      });
      const reply = await subscribe(other, { claims: { override, exp: undefined } });
      assert.deepEqual(normal({ ...(reply.subscribe as object), epoch: 'e' }), {
        positioned: true,
        epoch: 'epoch-1',
      });
    },
  },
  {
    id: 'server-side/subs-claim-data',
    title: 'data of a subs claim is in the connect reply',
    needs: ['subscription-info'],
    async run({ connect, channel, user }) {
      const one = channel();
      const claims = { subs: { [one]: { data: { room: 5 } } } };
      const { connected } = await connect(user(), { claims });
      const subs = at(connected, 'connect.subs') as Record<string, unknown>;
      assert.deepEqual(at(subs[one], 'data'), { room: 5 });
    },
  },
  {
    id: 'server-side/recovers',
    title: 'connect.subs recovers a channel of the claim, with the offset that was asked with',
    rules: ['H3'],
    async run({ connect, channel, api, user, normal }) {
      const one = channel();
      const { epoch } = await api.publish(one, 1);
      for (const n of [2, 3, 4]) await api.publish(one, n);
      const { connected } = await connect(user(), {
        claims: { channels: [one] },
        connect: { subs: { [one]: { recover: true, epoch, offset: 2 } } },
      });
      const subs = at(connected, 'connect.subs') as Record<string, unknown>;
      assert.deepEqual(normal(subs[one]), {
        ...place,
        offset: 2,
        publications: [3, 4].map((n) => ({ data: n, offset: n })),
        recovered: true,
        was_recovering: true,
      });
    },
  },
  {
    id: 'server-side/other-epoch',
    title: 'connect.subs under another epoch is not recovered: the position of the top',
    rules: ['H3', 'H4'],
    async run({ connect, channel, api, user, normal }) {
      const one = channel();
      const { epoch } = await api.publish(one, 1);
      const { connected } = await connect(user(), {
        claims: { channels: [one] },
        connect: { subs: { [one]: { recover: true, epoch: `${epoch}x`, offset: 1 } } },
      });
      const subs = at(connected, 'connect.subs') as Record<string, unknown>;
      assert.deepEqual(normal(subs[one]), { ...place, offset: 1, was_recovering: true });
    },
  },
  {
    id: 'server-side/subscribed-already',
    title: 'a subscribe to a channel that the server subscribed is error 105, and that one goes on',
    rules: ['H11'],
    async run({ connect, channel, api, user, normal }) {
      const one = channel();
      const { client, subscribing } = await connect(user(), { claims: { channels: [one] } });
      client.send({ id: 2, ...subscribing(one) });
      assert.deepEqual(await client.next(), failure(2, 105));
      await api.publish(one, 1);
      assert.deepEqual(normal(await client.push(one)), publication(1, 1));
    },
  },
  {
    id: 'server-side/unsubscribed-by-api',
    title: 'the API unsubscribes a server-side subscription: push 2000',
    rules: ['H11'],
    async run({ connect, channel, api, user }) {
      const one = channel();
      const { client, user: name } = await connect(user(), { claims: { channels: [one] } });
      await api.result('unsubscribe', { user: name, channel: one });
      assert.deepEqual(await client.push(one), {
        unsubscribe: { code: 2000, reason: 'server unsubscribe' },
      });
      await api.publish(one, 1);
      await staysSilent(client);
    },
  },
  {
    id: 'server-side/not-granted',
    title: 'a channel in connect.subs that nothing grants is left out, without an error',
    async run({ connect, channel, api, user }) {
      const one = channel();
      const { client, connected } = await connect(user(), {
        connect: { subs: { [one]: { recover: true, epoch: 'abcd', offset: 1 } } },
      });
      assert.equal(at(connected, 'connect.subs'), undefined);
      await api.publish(one, 1);
      await staysSilent(client);
    },
  },
  {
    id: 'server-side/unknown-namespace',
    title: 'a channel of an unknown namespace in connect.subs closes 3501',
    async run({ open, user, channel }) {
      const client = await open();
      const token = connectionToken(user());
      client.send({ id: 1, connect: { token, subs: { [`nowhere:${channel()}`]: {} } } });
      await closesWith(client, 3501);
    },
  },
  {
    id: 'server-side/allowed-channels',
    title: 'connect.subs subscribes to channels that a client may have without a token',
    config: { channel: { without_namespace: { allow_subscribe_for_client: true } } },
    needs: ['subscribe-without-token'],
    async run({ connect, channel, api, user, normal }) {
      const one = channel();
      const { client, connected } = await connect(user(), { connect: { subs: { [one]: {} } } });
      const subs = at(connected, 'connect.subs') as Record<string, unknown>;
      assert.deepEqual(normal(subs[one]), place);
      await api.publish(one, 1);
      assert.deepEqual(normal(await client.push(one)), publication(1, 1));
    },
  },
  {
    id: 'server-side/token-in-subs',
    title: 'a subscription token in connect.subs: stock ignores it, ours subscribes',
    rules: ['H1'],
    async run({ connect, channel, api, user, manner, normal }) {
      const [one, name] = [channel(), user()];
      const { client, connected, subscribe } = await connect(name, {
        connect: { subs: { [one]: { token: subscriptionToken(name, one) } } },
      });
      if (manner('connect-subs-tokens') === 'hub') {
        const subs = at(connected, 'connect.subs') as Record<string, unknown>;
        assert.deepEqual(normal(subs[one]), place);
        await api.publish(one, 1);
        assert.deepEqual(normal(await client.push(one)), publication(1, 1));
      } else {
        assert.equal(at(connected, 'connect.subs'), undefined);
        await api.publish(one, 1);
        await staysSilent(client);
        assert.notEqual(at(await subscribe(one), 'subscribe'), undefined);
      }
    },
  },
  {
    id: 'server-side/bad-token-in-subs',
    title: 'a bad token in connect.subs fails alone',
    async run({ connect, channel, user, manner }) {
      const [one, name] = [channel(), user()];
      const { client, connected } = await connect(name, {
        connect: { subs: { [one]: { token: subscriptionToken(`${name}-else`, one) } } },
      });
      assert.equal(at(connected, 'connect.subs'), undefined);
      if (manner('connect-subs-tokens') === 'hub') {
        assert.deepEqual(await client.push(one), {
          unsubscribe: { code: 2000, reason: 'permission denied' },
        });
      }
      await staysSilent(client);
    },
  },
];
