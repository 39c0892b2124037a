import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { channelOptions } from '../config.ts';
import type { CaseContext, Member } from '../context.ts';
import { failure } from '../expectations.ts';
import { at, type JsonObject, listAt, numberAt } from '../json.ts';

const config = channelOptions({ allow_history_for_subscriber: true });

/** A subscriber of a channel with publications 1 to `count`. */
async function reader({ api, channel, connect }: CaseContext, count: number) {
  const name = channel();
  for (let n = 1; n <= count; n += 1) await api.publish(name, { n });
  const member = await connect();
  const { subscribe } = await member.subscribe(name);
  return { member, name, epoch: at(subscribe, 'epoch') };
}

async function offsets(member: Member, history: JsonObject): Promise<number[]> {
  const reply = await member.client.ask({ history });
  return listAt(reply, 'history.publications').map((one) => numberAt(one, 'offset'));
}

/** The command `history` of a client that may read it. */
export const clientHistoryCases: readonly ConformanceCase[] = [
  {
    id: 'client-history/position',
    title: 'history without a limit is the position alone, with an empty list',
    config,
    needs: ['client-history'],
    async run(context) {
      const { member, name, epoch } = await reader(context, 3);
      member.client.send({ id: 5, history: { channel: name } });
      assert.deepEqual(await member.client.next(), {
        id: 5,
        history: { publications: [], epoch, offset: 3 },
      });
    },
  },
  {
    id: 'client-history/empty',
    title: 'the history of a channel to which nothing was published has offset 0, in words',
    config,
    needs: ['client-history'],
    async run(context) {
      const { member, name, epoch } = await reader(context, 0);
      member.client.send({ id: 5, history: { channel: name, limit: 10 } });
      assert.deepEqual(await member.client.next(), {
        id: 5,
        history: { publications: [], epoch, offset: 0 },
      });
    },
  },
  {
    id: 'client-history/publications',
    title: 'history gives publications with data and offset, from the oldest on',
    config,
    needs: ['client-history'],
    async run(context) {
      const { member, name } = await reader(context, 3);
      const reply = await member.client.ask({ history: { channel: name, limit: 2 } });
      assert.deepEqual(context.normal(reply.history), {
        publications: [1, 2].map((n) => ({ data: { n }, offset: n })),
        epoch: 'epoch-1',
        offset: 3,
      });
    },
  },
  {
    id: 'client-history/limit',
    title: 'a limit under 0 or over 300 is 300, and since and reverse count from there',
    config: channelOptions({ allow_history_for_subscriber: true, history_size: 400 }),
    needs: ['client-history'],
    async run(context) {
      const { api, channel, connect } = context;
      const name = channel();
      for (let round = 0; round < 31; round += 1) {
        await Promise.all(Array.from({ length: 10 }, () => api.publish(name, 1)));
      }
      const member = await connect();
      const { subscribe } = await member.subscribe(name);
      const epoch = at(subscribe, 'epoch');
      for (const limit of [-1, 301, 5_000]) {
        assert.equal((await offsets(member, { channel: name, limit })).length, 300);
      }
      assert.deepEqual(
        await offsets(member, { channel: name, limit: 3, since: { epoch, offset: 5 } }),
        [6, 7, 8],
      );
      assert.deepEqual(
        await offsets(member, { channel: name, limit: 3, reverse: true }),
        [310, 309, 308],
      );
      assert.deepEqual(
        await offsets(member, {
          channel: name,
          limit: 3,
          reverse: true,
          since: { epoch, offset: 5 },
        }),
        [4, 3, 2],
      );
      assert.deepEqual(
        await offsets(member, { channel: name, limit: 3, since: { epoch, offset: 310 } }),
        [],
      );
    },
  },
  {
    id: 'client-history/other-epoch',
    title: 'history since a position of another epoch is error 112',
    config,
    needs: ['client-history'],
    rules: ['H4'],
    async run(context) {
      const { member, name, epoch } = await reader(context, 3);
      const since = { epoch: `${epoch}x`, offset: 1 };
      member.client.send({ id: 5, history: { channel: name, limit: 10, since } });
      assert.deepEqual(await member.client.next(), failure(5, 112));
    },
  },
  {
    id: 'client-history/strangers',
    title: 'history is error 103 for a client that is not subscribed, and for one that was',
    config,
    needs: ['client-history'],
    async run(context) {
      const { member, name } = await reader(context, 1);
      const stranger = await context.connect();
      stranger.client.send({ id: 5, history: { channel: name, limit: 10 } });
      assert.deepEqual(await stranger.client.next(), failure(5, 103));
      await member.client.ask({ unsubscribe: { channel: name } });
      member.client.send({ id: 5, history: { channel: name, limit: 10 } });
      assert.deepEqual(await member.client.next(), failure(5, 103));
    },
  },
];
