import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { eventually } from '../eventually.ts';
import { at, type JsonObject, listAt, textAt } from '../json.ts';
import { fill } from './fill.ts';
import { variousChannels, within } from './various-channels.ts';

function offsets(history: JsonObject): unknown[] {
  return listAt(history, 'publications').map((one) => at(one, 'offset'));
}

/** The API methods `history` and `history_remove`. */
export const historyCases: readonly ConformanceCase[] = [
  {
    id: 'history/all',
    title: 'limit -1 gives all that is kept, in order, with data and offset, and the position',
    async run(context) {
      const { api, channel } = context;
      const one = channel();
      const epoch = await fill(context, one, 3);
      assert.deepEqual(await api.result('history', { channel: one, limit: -1 }), {
        publications: [1, 2, 3].map((n) => ({ data: n, offset: n })),
        epoch,
        offset: 3,
      });
    },
  },
  {
    id: 'history/position',
    title: 'limit 0, or none, gives the position alone',
    async run(context) {
      const { api, channel } = context;
      const one = channel();
      const epoch = await fill(context, one, 3);
      for (const limit of [0, undefined]) {
        const history = await api.result('history', { channel: one, limit });
        assert.deepEqual(history, { publications: [], epoch, offset: 3 });
      }
    },
  },
  {
    id: 'history/empty',
    title: 'a channel that nobody published to has offset 0 and an epoch, which stays',
    async run(context) {
      const { api, channel } = context;
      const one = channel();
      const { epoch, ...rest } = await api.result('history', { channel: one, limit: -1 });
      assert.deepEqual(rest, { publications: [], offset: 0 });
      assert.ok(typeof epoch === 'string' && epoch !== '');
      assert.equal(await fill(context, one, 1), epoch);
    },
  },
  {
    id: 'history/limit',
    title: 'a limit gives the oldest, or with reverse the newest, first',
    async run(context) {
      const { api, channel } = context;
      const one = channel();
      await fill(context, one, 6);
      const read = async (more: JsonObject) =>
        offsets(await api.result('history', { channel: one, ...more }));
      assert.deepEqual(await read({ limit: 2 }), [1, 2]);
      assert.deepEqual(await read({ limit: 100 }), [1, 2, 3, 4, 5, 6]);
      assert.deepEqual(await read({ limit: 2, reverse: true }), [6, 5]);
      assert.deepEqual(await read({ limit: -1, reverse: true }), [6, 5, 4, 3, 2, 1]);
    },
  },
  {
    id: 'history/since',
    title: 'since gives what comes after a position, or with reverse what came before it',
    async run(context) {
      const { api, channel } = context;
      const one = channel();
      const epoch = await fill(context, one, 6);
      const read = async (offset: number, more: JsonObject) =>
        offsets(await api.result('history', { channel: one, since: { offset, epoch }, ...more }));
      assert.deepEqual(await read(3, { limit: -1 }), [4, 5, 6]);
      assert.deepEqual(await read(0, { limit: 2 }), [1, 2]);
      assert.deepEqual(await read(6, { limit: -1 }), []);
      assert.deepEqual(await read(2, { limit: 0 }), []);
      assert.deepEqual(await read(4, { limit: -1, reverse: true }), [3, 2, 1]);
      assert.deepEqual(await read(4, { limit: 2, reverse: true }), [3, 2]);
      assert.deepEqual(await read(1, { limit: -1, reverse: true }), []);
      assert.deepEqual(await read(100, { limit: -1 }), []);
      const before = { channel: one, limit: -1, reverse: true, since: { offset: 0, epoch } };
      assert.equal(await api.errorCode('history', before), 107, 'nothing comes before offset 1');
    },
  },
  {
    id: 'history/pages',
    title: 'page by page every publication is read once, also backwards',
    async run(context) {
      const { api, channel } = context;
      const one = channel();
      const epoch = await fill(context, one, 10);
      const pages = async (first: JsonObject, reverse: boolean) => {
        const found: unknown[] = [];
        let since: JsonObject | undefined = first;
        for (;;) {
          const page = offsets(
            await api.result('history', { channel: one, limit: 3, reverse, since }),
          );
          found.push(...page);
          if (page.length < 3) return found;
          since = { offset: page.at(-1), epoch };
        }
      };
      const all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
      assert.deepEqual(await pages({ offset: 0, epoch }, false), all);
      assert.deepEqual(await pages({ offset: 11, epoch }, true), all.reverse());
    },
  },
  {
    id: 'history/other-epoch',
    title: 'since under another epoch is error 112; an epoch that is not said is not compared',
    rules: ['H4'],
    async run(context) {
      const { api, channel } = context;
      const one = channel();
      const epoch = await fill(context, one, 2);
      const since = { offset: 1, epoch: `${epoch}x` };
      for (const limit of [-1, 5]) {
        assert.equal(await api.errorCode('history', { channel: one, limit, since }), 112);
      }
      const history = await api.result('history', {
        channel: one,
        limit: -1,
        since: { offset: 1 },
      });
      assert.deepEqual(offsets(history), [2]);
    },
  },
  {
    id: 'history/trimmed',
    title:
      'the last of the size are kept, offsets go on; since a place that is gone gives what is left',
    config: variousChannels,
    async run(context) {
      const { api, channel } = context;
      const one = within('few', channel());
      const epoch = await fill(context, one, 8);
      const all = await api.result('history', { channel: one, limit: -1 });
      assert.deepEqual(offsets(all), [4, 5, 6, 7, 8]);
      assert.equal(all.offset, 8);
      const since = { offset: 1, epoch };
      const left = await api.result('history', { channel: one, limit: -1, since });
      assert.deepEqual(offsets(left), [4, 5, 6, 7, 8]);
    },
  },
  {
    id: 'history/off',
    title:
      'history and history_remove are error 108 where there is none, 107 without a channel, 102 in an unknown namespace',
    config: variousChannels,
    async run({ api, channel }) {
      const one = channel();
      for (const method of ['history', 'history_remove']) {
        assert.equal(await api.errorCode(method, { channel: within('unkept', one) }), 108);
        assert.equal(await api.errorCode(method, { channel: '' }), 107);
        assert.equal(await api.errorCode(method, { channel: `nowhere:${one}` }), 102);
      }
    },
  },
  {
    id: 'history/verbatim',
    title: 'data stands in history as it was published',
    rules: ['H12'],
    async run({ api, channel }) {
      const one = channel();
      const data = '{"big":12345678901234567890,"big":0.10,"z":[1E2]}';
      await api.call('publish', `{"channel":${JSON.stringify(one)},"data":${data}}`);
      const { text } = await api.call('history', { channel: one, limit: -1 });
      assert.ok(text.includes(data), text);
    },
  },
  {
    id: 'history/publisher',
    title: 'a publication of a client says in history who published it',
    config: variousChannels,
    needs: ['client-publish', 'subscribe-without-token'],
    async run({ api, channel, connect }) {
      const one = within('open', channel());
      const { client, connected, user } = await connect();
      await client.ask({ subscribe: { channel: one } });
      const reply = await client.ask({ publish: { channel: one, data: { mine: true } } });
      assert.deepEqual(reply.publish, {});
      const { publications } = await api.result('history', { channel: one, limit: -1 });
      const info = { user, client: textAt(connected, 'connect.client') };
      assert.deepEqual(publications, [{ data: { mine: true }, info, offset: 1 }]);
    },
  },
  {
    id: 'history/ttl',
    title:
      'a channel that nobody publishes to loses its history, not its offset and epoch; each publication keeps all of its channel',
    rules: ['H4'],
    config: variousChannels,
    async run(context) {
      const { api, channel } = context;
      const quiet = within('brief', channel());
      const epoch = await fill(context, quiet, 2);
      const read = () => api.result('history', { channel: quiet, limit: -1 });
      for (;;) {
        const busy = within('brief', channel());
        await fill(context, busy, 1);
        await fill(context, quiet, 1);
        const since = (await read()).offset;
        let publishedMs = performance.now();
        let longestMs = 0;
        const expired = await eventually(
          'the history of a quiet channel is gone',
          async () => {
            await api.publish(busy, 'again');
            longestMs = Math.max(longestMs, performance.now() - publishedMs);
            publishedMs = performance.now();
            return await read();
          },
          (history) => offsets(history).length === 0,
        );
        assert.deepEqual(expired, { publications: [], epoch, offset: since });
        // A machine so busy that this one was left alone for as long proves nothing.
        if (longestMs > 500) continue;
        const kept = await api.result('history', { channel: busy, limit: 1 });
        // A history of 100 drops the first of more than that, which is no expiry.
        const first = Math.max(1, Number(kept.offset) - 99);
        assert.deepEqual(offsets(kept), [first]);
        break;
      }
      const { offset } = await read();
      assert.deepEqual(await api.publish(quiet, 'new'), { offset: Number(offset) + 1, epoch });
      assert.deepEqual(offsets(await read()), [Number(offset) + 1]);
    },
  },
  {
    id: 'history-remove/keeps-the-position',
    title: 'history_remove takes the publications; offset and epoch stay',
    rules: ['H4'],
    needs: ['history-remove'],
    async run(context) {
      const { api, channel } = context;
      const one = channel();
      const epoch = await fill(context, one, 3);
      assert.deepEqual(await api.result('history_remove', { channel: one }), {});
      const read = () => api.result('history', { channel: one, limit: -1 });
      assert.deepEqual(await read(), { publications: [], epoch, offset: 3 });
      assert.deepEqual(await api.publish(one, 4), { offset: 4, epoch });
      assert.deepEqual(offsets(await read()), [4]);
      assert.deepEqual(await api.result('history_remove', { channel: channel() }), {});
    },
  },
  {
    id: 'history-remove/recovery',
    title: 'after history_remove who missed something is not recovered, who missed nothing is',
    rules: ['H3', 'H4'],
    needs: ['history-remove'],
    async run(context) {
      const { api, channel, connect, normal } = context;
      const one = channel();
      const epoch = await fill(context, one, 3);
      await api.result('history_remove', { channel: one });
      const recover = async (offset: number) => {
        const { subscribe } = await connect();
        const reply = await subscribe(one, {
          claims: { exp: undefined },
          subscribe: { recover: true, epoch, offset },
        });
        return normal(reply.subscribe);
      };
      const place = { recoverable: true, positioned: true, epoch: 'epoch-1', was_recovering: true };
      assert.deepEqual(await recover(2), { ...place, offset: 3 });
      assert.deepEqual(await recover(3), { ...place, offset: 3, recovered: true });
      await api.publish(one, 4);
      assert.deepEqual(await recover(2), { ...place, offset: 4 });
      assert.deepEqual(await recover(3), {
        ...place,
        offset: 3,
        recovered: true,
        publications: [{ data: 4, offset: 4 }],
      });
    },
  },
];
