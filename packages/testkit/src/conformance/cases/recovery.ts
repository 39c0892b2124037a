import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { eventually } from '../eventually.ts';
import { publication } from '../expectations.ts';
import { at, type JsonObject, listAt } from '../json.ts';
import { fill } from './fill.ts';
import { variousChannels, within } from './various-channels.ts';

const place = { recoverable: true, positioned: true, epoch: 'epoch-1', was_recovering: true };

function since(epoch: string, offset: number) {
  return { claims: { exp: undefined }, subscribe: { recover: true, epoch, offset } };
}

function from(first: number, last: number): JsonObject[] {
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    data: first + index,
    offset: first + index,
  }));
}

/** How much can be recovered, and for how long. The frames stand in `recovery-frames.ts`. */
export const recoveryCases: readonly ConformanceCase[] = [
  {
    id: 'recovery/limit',
    title:
      'as many as client.recovery_max_publication_limit are recovered; of one more none, and the position is the top',
    rules: ['H3', 'H4'],
    config: variousChannels,
    async run(context) {
      const { api, channel, connect, normal } = context;
      const one = channel();
      const epoch = await fill(context, one, 15);
      const just = await (await connect()).subscribe(one, since(epoch, 5));
      assert.deepEqual(normal(just.subscribe), {
        ...place,
        offset: 5,
        recovered: true,
        publications: from(6, 15),
      });
      const { client, subscribe } = await connect();
      const over = await subscribe(one, since(epoch, 4));
      assert.deepEqual(normal(over.subscribe), { ...place, offset: 15 });
      await api.publish(one, 16);
      assert.deepEqual(normal(await client.push(one)), publication(16, 16));
    },
  },
  {
    id: 'recovery/limit-server-side',
    title: 'the same limit counts for channels of the connection token',
    rules: ['H3', 'H4'],
    config: variousChannels,
    async run(context) {
      const { channel, connect, normal, user } = context;
      const [one, other] = [channel(), channel()];
      const positions: Record<string, JsonObject> = {
        [one]: { recover: true, epoch: await fill(context, one, 12), offset: 2 },
        [other]: { recover: true, epoch: await fill(context, other, 13), offset: 2 },
      };
      const { connected } = await connect(user(), {
        claims: { channels: [one, other] },
        connect: { subs: positions },
      });
      const subs = at(connected, 'connect.subs') as Record<string, JsonObject>;
      assert.deepEqual(listAt(subs[one], 'publications'), from(3, 12));
      assert.equal(at(subs[one], 'recovered'), true);
      const { epoch, ...left } = subs[other] ?? {};
      assert.equal(epoch, positions[other]?.epoch);
      const { epoch: _epoch, ...rest } = place;
      assert.deepEqual(normal(left), { ...rest, offset: 13 });
    },
  },
  {
    id: 'recovery/history-size',
    title: 'a history of five recovers five; who has missed six is not recovered',
    rules: ['H4'],
    config: variousChannels,
    async run(context) {
      const { channel, connect, normal } = context;
      const one = within('few', channel());
      const epoch = await fill(context, one, 9);
      const just = await (await connect()).subscribe(one, since(epoch, 4));
      assert.deepEqual(listAt(just, 'subscribe.publications'), from(5, 9));
      const over = await (await connect()).subscribe(one, since(epoch, 3));
      assert.deepEqual(normal(over.subscribe), { ...place, offset: 9 });
    },
  },
  {
    id: 'recovery/history-ttl',
    title: 'when history_ttl has passed, who missed one is not recovered, who missed none is',
    rules: ['H4'],
    config: variousChannels,
    async run(context) {
      const { api, channel, connect, normal } = context;
      const one = within('brief', channel());
      const epoch = await fill(context, one, 3);
      await eventually(
        'the history is gone',
        () => api.result('history', { channel: one, limit: -1 }),
        (history) => listAt(history, 'publications').length === 0,
      );
      const lost = await (await connect()).subscribe(one, since(epoch, 2));
      assert.deepEqual(normal(lost.subscribe), { ...place, offset: 3 });
      const none = await (await connect()).subscribe(one, since(epoch, 3));
      assert.deepEqual(normal(none.subscribe), { ...place, offset: 3, recovered: true });
      await api.publish(one, 4);
      const next = await (await connect()).subscribe(one, since(epoch, 3));
      assert.deepEqual(normal(next.subscribe), {
        ...place,
        offset: 3,
        recovered: true,
        publications: from(4, 4),
      });
    },
  },
  {
    id: 'recovery/each-by-itself',
    title: 'of channels that recover in one message each is recovered or not by itself',
    rules: ['H3', 'H4'],
    async run(context) {
      const { channel, connect } = context;
      const [one, lost, other] = [channel(), channel(), channel()];
      const epoch = await fill(context, one, 2);
      const lostEpoch = await fill(context, lost, 2);
      const otherEpoch = await fill(context, other, 3);
      const { client, subscribing } = await connect();
      client.send(
        { id: 2, ...subscribing(one, since(epoch, 1)) },
        { id: 3, ...subscribing(lost, since(`${lostEpoch}x`, 1)) },
        { id: 4, ...subscribing(other, since(otherEpoch, 1)) },
      );
      assert.deepEqual(listAt(await client.reply(2), 'subscribe.publications'), from(2, 2));
      const unrecovered = await client.reply(3);
      assert.equal(at(unrecovered, 'subscribe.recovered'), undefined);
      assert.equal(at(unrecovered, 'subscribe.publications'), undefined);
      assert.equal(at(unrecovered, 'subscribe.epoch'), lostEpoch);
      assert.deepEqual(listAt(await client.reply(4), 'subscribe.publications'), from(2, 3));
    },
  },
  {
    id: 'recovery/not-asked',
    title: 'a position without recover recovers nothing',
    rules: ['H3'],
    async run(context) {
      const { channel, connect, normal } = context;
      const one = channel();
      const epoch = await fill(context, one, 3);
      const { subscribe } = await connect();
      const reply = await subscribe(one, {
        claims: { exp: undefined },
        subscribe: { epoch, offset: 1 },
      });
      const { was_recovering: _not, ...plain } = place;
      assert.deepEqual(normal(reply.subscribe), { ...plain, offset: 3 });
    },
  },
];
