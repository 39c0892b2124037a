import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import type { CaseContext } from '../context.ts';
import { failure, staysSilent } from '../expectations.ts';
import { at, type JsonObject } from '../json.ts';

const never = { claims: { exp: undefined } };
const place = { recoverable: true, positioned: true, epoch: 'epoch-1' };

/** A channel with publications 1 to `count`; its epoch. */
async function published({ api, channel }: CaseContext, count: number) {
  const name = channel();
  let epoch: unknown;
  for (let n = 1; n <= count; n += 1) epoch = (await api.publish(name, { n })).epoch;
  return { name, epoch };
}

function recovering(position: JsonObject) {
  return { ...never, subscribe: { recover: true, ...position } };
}

/** The reply of a subscribe that recovers, field by field (H3, H4). */
export const recoveryFrameCases: readonly ConformanceCase[] = [
  {
    id: 'recovery-frames/missed',
    title: 'recovered: the publications missed, and the offset that was asked with',
    rules: ['H3'],
    async run(context) {
      const { connect, normal } = context;
      const { name, epoch } = await published(context, 4);
      const { subscribe } = await connect();
      const reply = await subscribe(name, recovering({ epoch, offset: 1 }));
      assert.deepEqual(normal(reply.subscribe), {
        ...place,
        offset: 1,
        publications: [2, 3, 4].map((n) => ({ data: { n }, offset: n })),
        recovered: true,
        was_recovering: true,
      });
    },
  },
  {
    id: 'recovery-frames/all-missed',
    title: 'recovered from the very start: offset 0 is left out',
    rules: ['H3'],
    async run(context) {
      const { connect, normal } = context;
      const { name, epoch } = await published(context, 2);
      const { subscribe } = await connect();
      const reply = await subscribe(name, recovering({ epoch, offset: 0 }));
      assert.deepEqual(normal(reply.subscribe), {
        ...place,
        publications: [1, 2].map((n) => ({ data: { n }, offset: n })),
        recovered: true,
        was_recovering: true,
      });
    },
  },
  {
    id: 'recovery-frames/nothing-missed',
    title: 'recovered with nothing missed: no publications',
    rules: ['H3'],
    async run(context) {
      const { connect, normal } = context;
      const { name, epoch } = await published(context, 2);
      const { subscribe } = await connect();
      const reply = await subscribe(name, recovering({ epoch, offset: 2 }));
      assert.deepEqual(normal(reply.subscribe), {
        ...place,
        offset: 2,
        recovered: true,
        was_recovering: true,
      });
    },
  },
  {
    id: 'recovery-frames/other-epoch',
    title:
      'not recovered under another epoch, though the offsets agree: position of the top, no publications',
    rules: ['H3', 'H4'],
    async run(context) {
      const { connect, normal } = context;
      const { name, epoch } = await published(context, 3);
      for (const offset of [0, 1, 3]) {
        const { subscribe } = await connect();
        const reply = await subscribe(name, recovering({ epoch: `${epoch}x`, offset }));
        assert.equal(at(reply, 'subscribe.epoch'), epoch);
        assert.deepEqual(normal(reply.subscribe), { ...place, offset: 3, was_recovering: true });
      }
    },
  },
  {
    id: 'recovery-frames/no-epoch',
    title: 'an epoch that is not said is not compared',
    rules: ['H4'],
    async run(context) {
      const { connect, normal } = context;
      const { name } = await published(context, 2);
      const { subscribe } = await connect();
      const reply = await subscribe(name, recovering({ offset: 1 }));
      assert.deepEqual(normal(reply.subscribe), {
        ...place,
        offset: 1,
        publications: [{ data: { n: 2 }, offset: 2 }],
        recovered: true,
        was_recovering: true,
      });
    },
  },
  {
    id: 'recovery-frames/ahead',
    title: 'a client that is ahead of the top is not recovered',
    rules: ['H4'],
    async run(context) {
      const { connect, normal } = context;
      const { name, epoch } = await published(context, 2);
      const { subscribe } = await connect();
      const reply = await subscribe(name, recovering({ epoch, offset: 5 }));
      assert.deepEqual(normal(reply.subscribe), { ...place, offset: 2, was_recovering: true });
    },
  },
  {
    id: 'recovery-frames/trimmed',
    title: 'not recovered when the next publication is gone from the history',
    config: { channel: { without_namespace: { history_size: 3 } } },
    rules: ['H4'],
    async run(context) {
      const { connect, normal } = context;
      const { name, epoch } = await published(context, 5);
      const lost = await (await connect()).subscribe(name, recovering({ epoch, offset: 1 }));
      assert.deepEqual(normal(lost.subscribe), { ...place, offset: 5, was_recovering: true });
      const just = await (await connect()).subscribe(name, recovering({ epoch, offset: 2 }));
      assert.deepEqual(normal(just.subscribe), {
        ...place,
        offset: 2,
        publications: [3, 4, 5].map((n) => ({ data: { n }, offset: n })),
        recovered: true,
        was_recovering: true,
      });
    },
  },
  {
    id: 'recovery-frames/rejects-unrecovered',
    title:
      'with flag 2 an unrecovered position is error 112 and no subscription; a recovered one is as ever',
    needs: ['reject-unrecovered'],
    rules: ['H4'],
    async run(context) {
      const { connect, api } = context;
      const { name, epoch } = await published(context, 2);
      const { client, subscribe } = await connect();
      const asked = (position: JsonObject) => ({
        ...never,
        subscribe: { recover: true, flag: 2, ...position },
      });
      const lost = await subscribe(name, asked({ epoch: `${epoch}x`, offset: 1 }));
      assert.deepEqual(lost, failure(lost.id, 112));
      await api.publish(name, { n: 3 });
      await staysSilent(client);
      const found = await subscribe(name, asked({ epoch, offset: 2 }));
      assert.equal(at(found, 'subscribe.recovered'), true);
    },
  },
  {
    id: 'recovery-frames/without-history',
    title: 'without history a client that wants to recover is told that it was not',
    config: {
      channel: { without_namespace: { history_size: 0, history_ttl: '0s', force_recovery: false } },
    },
    rules: ['H3'],
    async run({ connect, channel }) {
      const { subscribe } = await connect();
      const reply = await subscribe(channel(), recovering({ epoch: 'abcd', offset: 5 }));
      assert.deepEqual(reply.subscribe, { was_recovering: true });
    },
  },
];
