import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { numberAt } from '../json.ts';

const PUBLICATIONS = 200;
const config = {
  client: { queue_max_size: 200_000 },
  channel: { without_namespace: { history_size: 1, history_ttl: '60s', force_recovery: false } },
};

/** Clients that do not read (H8). */
export const slowCases: readonly ConformanceCase[] = [
  {
    id: 'slow/one-among-others',
    title:
      'a client that stops reading is closed, and the others are given everything in order meanwhile',
    config,
    rules: ['H8'],
    timeoutMs: 30_000,
    async run({ connect, channel, api }) {
      const one = channel();
      const [slow, quick] = [await connect(), await connect()];
      await slow.subscribe(one);
      await quick.subscribe(one);
      slow.client.socket.pause();
      // More than the queue and the buffers of both systems hold.
      const data = 'x'.repeat(60_000);
      for (let n = 0; n < PUBLICATIONS; n += 1) await api.publish(one, data);
      for (let n = 1; n <= PUBLICATIONS; n += 1) {
        assert.equal(numberAt(await quick.client.push(one), 'pub.offset'), n);
      }
      slow.client.socket.resume();
      const { code } = await slow.client.closed();
      // A close frame that found no room in time does not come.
      assert.ok(code === 3008 || code === 1006, `closed ${code}`);
      const came = slow.client.received.length;
      assert.ok(came < PUBLICATIONS, `${came} objects came: what waited was not dropped`);
    },
  },
];
