import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { channelOptions } from '../config.ts';
import { publication, staysSilent } from '../expectations.ts';
import { at, listAt, numberAt } from '../json.ts';
import type { ProtocolClient } from '../protocol-client.ts';
import type { PushApi } from '../push-api.ts';

/** Publishes 1, 2, 3… without pause until it is stopped, which waits for the last. */
function publishSteadily(api: PushApi, channel: string) {
  let isOver = false;
  let last = 0;
  const publishing = (async () => {
    while (!isOver) {
      await api.publish(channel, last + 1);
      last += 1;
    }
  })();
  // Whoever stops it is told of a fault.
  publishing.catch(() => {});
  return {
    stop: async () => {
      isOver = true;
      await publishing;
      return last;
    },
  };
}

/** What a client has been told of a channel, as the offsets of replies and publications in order. */
function offsetsOf(client: ProtocolClient, channel: string): number[] {
  return client.received.flatMap(({ object }) => {
    if (at(object, 'push.channel') === channel) return [numberAt(object, 'push.pub.offset')];
    const recovered = at(object, 'subscribe.publications');
    if (!Array.isArray(recovered)) return [];
    return recovered.map((one) => numberAt(one, 'offset'));
  });
}

const ROUNDS = 5;

/** What comes before what (H1, H2, H5). */
export const orderCases: readonly ConformanceCase[] = [
  {
    id: 'order/reply-before-pushes',
    title:
      'no push of a channel comes before the reply to its subscribe, and none is missing after it',
    rules: ['H1'],
    timeoutMs: 30_000,
    async run({ connect, channel, api }) {
      const one = channel();
      const steady = publishSteadily(api, one);
      try {
        for (let round = 0; round < ROUNDS; round += 1) {
          const { client, subscribing } = await connect();
          client.send({ id: 2, ...subscribing(one) });
          const reply = await client.next('subscribe reply');
          assert.equal(reply.id, 2, `a push came before the reply: ${JSON.stringify(reply)}`);
          const top = numberAt(reply, 'subscribe.offset');
          for (const offset of [top + 1, top + 2, top + 3]) {
            assert.deepEqual(await client.push(one), {
              pub: {
                data: offset,
                offset,
                ...(offset === 1 ? { epoch: at(reply, 'subscribe.epoch') } : {}),
              },
            });
          }
          client.cut();
        }
      } finally {
        await steady.stop();
      }
    },
  },
  {
    id: 'order/reply-before-own-publication',
    title: 'who subscribes and publishes in one message is answered before the publication comes',
    rules: ['H1'],
    config: channelOptions({ allow_publish_for_subscriber: true }),
    needs: ['client-publish'],
    async run({ connect, channel }) {
      const one = channel();
      const { client, subscribing } = await connect();
      client.send({ id: 2, ...subscribing(one) }, { id: 3, publish: { channel: one, data: 1 } });
      assert.equal((await client.next()).id, 2);
      assert.equal(at(await client.push(one), 'pub.data'), 1);
      assert.deepEqual(await client.reply(3), { id: 3, publish: {} });
    },
  },
  {
    id: 'order/nothing-between-history-and-live',
    title: 'a client that recovers while others publish gets every publication once, in order',
    rules: ['H2'],
    timeoutMs: 30_000,
    config: {
      channel: { without_namespace: { history_size: 5_000 } },
      client: { recovery_max_publication_limit: 5_000 },
    },
    async run({ connect, channel, api }) {
      const one = channel();
      const first = await connect();
      const subscribed = await first.subscribe(one);
      const since = {
        recover: true,
        epoch: at(subscribed, 'subscribe.epoch'),
        offset: numberAt(subscribed, 'subscribe.offset'),
      };
      const steady = publishSteadily(api, one);
      const members = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const member = await connect();
        const reply = await member.subscribe(one, { subscribe: since });
        assert.equal(at(reply, 'subscribe.recovered'), true, JSON.stringify(reply));
        members.push(member);
      }
      const last = await steady.stop();
      for (const { client } of [first, ...members]) {
        if (!offsetsOf(client, one).includes(last)) {
          await client.find(
            `publication ${last}`,
            (object) => numberAt(object, 'push.pub.offset') === last,
          );
        }
        assert.deepEqual(
          offsetsOf(client, one),
          Array.from({ length: last }, (_, index) => index + 1),
        );
      }
    },
  },
  {
    id: 'order/subscribe-unsubscribe',
    title: 'subscribe and unsubscribe in one message: the last word counts',
    rules: ['H5'],
    async run({ connect, channel, api }) {
      const [one, other] = [channel(), channel()];
      const { client, subscribing } = await connect();
      client.send(
        { id: 2, ...subscribing(one) },
        { id: 3, unsubscribe: { channel: one } },
        { id: 4, ...subscribing(other) },
      );
      assert.notEqual(at(await client.next(), 'subscribe'), undefined);
      assert.deepEqual(await client.next(), { id: 3, unsubscribe: {} });
      assert.equal((await client.next()).id, 4);
      await api.publish(one, 1);
      await staysSilent(client);
    },
  },
  {
    id: 'order/again-and-again',
    title: 'subscribes and unsubscribes of one channel in one message are done in the order given',
    rules: ['H5'],
    async run({ connect, channel, api, normal }) {
      const one = channel();
      const { client, subscribing } = await connect();
      const commands = Array.from({ length: 21 }, (_, index) =>
        index % 2 === 0
          ? { id: index + 2, ...subscribing(one) }
          : { id: index + 2, unsubscribe: { channel: one } },
      );
      client.send(...commands);
      for (const { id } of commands) {
        const reply = await client.next();
        assert.equal(reply.id, id);
        assert.equal(reply.error, undefined);
      }
      await api.publish(one, 'once');
      assert.deepEqual(normal(await client.push(one)), publication('once', 1));
      await staysSilent(client);
    },
  },
  {
    id: 'order/replies',
    title: 'replies come in the order of the commands, errors among them',
    rules: ['H5'],
    async run({ connect, channel }) {
      const { client, subscribing } = await connect();
      const names = Array.from({ length: 30 }, channel);
      client.send(
        ...names.map((one, index) =>
          index % 3 === 0
            ? { id: index + 2, subscribe: { channel: one, token: 'no good' } }
            : { id: index + 2, ...subscribing(one) },
        ),
      );
      for (const [index] of names.entries()) {
        const reply = await client.next();
        assert.equal(reply.id, index + 2);
        assert.equal(at(reply, 'error.code'), index % 3 === 0 ? 103 : undefined);
      }
    },
  },
  {
    id: 'order/one-channel-many-publishers',
    title: 'publications of many callers at once come in the order of their offsets, none missing',
    rules: ['H2'],
    async run({ connect, channel, api }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      await Promise.all(Array.from({ length: 60 }, (_, n) => api.publish(one, n)));
      const data = [];
      for (let offset = 1; offset <= 60; offset += 1) {
        const { pub } = await client.push(one);
        assert.equal(numberAt(pub, 'offset'), offset);
        data.push(numberAt(pub, 'data'));
      }
      assert.deepEqual(
        data.sort((a, b) => a - b),
        Array.from({ length: 60 }, (_, n) => n),
      );
    },
  },
  {
    id: 'order/recovered-then-live',
    title:
      'a recovery and publications in the same moment: recovered ones are in the reply, later ones after it',
    rules: ['H1', 'H2'],
    async run({ connect, channel, api }) {
      const one = channel();
      const epoch = (await api.publish(one, 1)).epoch;
      for (const n of [2, 3]) await api.publish(one, n);
      const { client, subscribing } = await connect();
      client.send({
        id: 2,
        ...subscribing(one, { subscribe: { recover: true, epoch, offset: 1 } }),
      });
      const published = await Promise.all([4, 5].map((n) => api.publish(one, n)));
      assert.equal(published.length, 2);
      const reply = await client.next();
      assert.equal(reply.id, 2);
      const inReply = listAt(reply, 'subscribe.publications').map((pub) => numberAt(pub, 'offset'));
      const after: number[] = [];
      while (inReply.length + after.length < 4) {
        after.push(numberAt(await client.push(one), 'pub.offset'));
      }
      assert.deepEqual([...inReply, ...after], [2, 3, 4, 5]);
      await staysSilent(client);
    },
  },
];
