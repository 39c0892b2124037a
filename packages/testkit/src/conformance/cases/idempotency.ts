import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ConformanceCase } from '../case.ts';
import { publication, staysSilent } from '../expectations.ts';
import { at, listAt, numberAt } from '../json.ts';
import { variousChannels, within } from './various-channels.ts';

const MANY = 20;

/** `idempotency_key` of publish and broadcast: one publication, however often it is asked for. */
export const idempotencyCases: readonly ConformanceCase[] = [
  {
    id: 'idempotency/repeat',
    title: 'a repeat gives the first result and delivers nothing: the first data wins',
    rules: ['H12'],
    async run({ api, channel, connect, normal }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      const key = { idempotency_key: randomUUID() };
      const first = await api.publish(one, 'first', key);
      await api.publish(one, 'between');
      assert.deepEqual(await api.publish(one, 'second', key), first);
      assert.deepEqual(normal(await client.push(one)), publication('first', 1));
      assert.deepEqual(normal(await client.push(one)), publication('between', 2));
      await staysSilent(client);
      const { publications } = await api.result('history', { channel: one, limit: -1 });
      assert.deepEqual(publications, [
        { data: 'first', offset: 1 },
        { data: 'between', offset: 2 },
      ]);
    },
  },
  {
    id: 'idempotency/parallel',
    title: `${MANY} publishes with one key at the same time: one offset, one delivery`,
    rules: ['H2', 'H12'],
    async run({ api, channel, connect, normal }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      const key = { idempotency_key: randomUUID() };
      const results = await Promise.all(
        Array.from({ length: MANY }, () => api.publish(one, 'same', key)),
      );
      for (const result of results) assert.deepEqual(result, results[0]);
      assert.equal(numberAt(results[0], 'offset'), 1);
      assert.deepEqual(normal(await client.push(one)), publication('same', 1));
      await staysSilent(client);
      assert.equal((await api.publish(one, 'next')).offset, 2);
    },
  },
  {
    id: 'idempotency/other-keys-and-channels',
    title: 'another key is another publication, and a key counts for its channel alone',
    async run({ api, channel, connect, normal }) {
      const [one, other] = [channel(), channel()];
      const { client, subscribe } = await connect();
      await subscribe(one);
      await subscribe(other);
      const key = randomUUID();
      for (const idempotency_key of [key, `${key}x`, '']) {
        await api.publish(one, idempotency_key, { idempotency_key });
      }
      assert.equal((await api.publish(one, '', { idempotency_key: '' })).offset, 4);
      assert.equal((await api.publish(other, key, { idempotency_key: key })).offset, 1);
      for (const [index, data] of [key, `${key}x`, '', ''].entries()) {
        assert.deepEqual(normal(await client.push(one)), publication(data, index + 1));
      }
      assert.deepEqual(normal(await client.push(other)), publication(key, 1));
      await staysSilent(client);
    },
  },
  {
    id: 'idempotency/broadcast-known',
    title: 'a channel of a broadcast that knows the key gives its old result, the others publish',
    rules: ['H12'],
    async run({ api, channel, connect, normal }) {
      const [known, fresh] = [channel(), channel()];
      const { client, subscribe } = await connect();
      await subscribe(known);
      await subscribe(fresh);
      const idempotency_key = randomUUID();
      const first = await api.publish(known, 'old', { idempotency_key });
      await api.publish(known, 'later');
      const { responses } = await api.result('broadcast', {
        channels: [fresh, known],
        data: 'new',
        idempotency_key,
      });
      const [ofFresh, ofKnown] = responses as unknown[];
      assert.equal(at(ofFresh, 'result.offset'), 1);
      assert.deepEqual(ofKnown, { result: first });
      assert.deepEqual(normal(await client.push(known)), publication('old', 1));
      assert.deepEqual(normal(await client.push(known)), publication('later', 2));
      assert.deepEqual(normal(await client.push(fresh)), publication('new', 1));
      await staysSilent(client);
    },
  },
  {
    id: 'idempotency/broadcasts-parallel',
    title: 'ten broadcasts to 30 channels with one key at the same time deliver once to each',
    rules: ['H2', 'H12'],
    async run({ api, channel, connect, normal }) {
      const channels = Array.from({ length: 30 }, channel);
      const { client, subscribe } = await connect();
      for (const name of channels) await subscribe(name);
      const command = { channels, data: 'same', idempotency_key: randomUUID() };
      const all = await Promise.all(
        Array.from({ length: 10 }, () => api.result('broadcast', command)),
      );
      for (const { responses } of all) assert.deepEqual(responses, all[0]?.responses);
      for (const result of listAt(all[0], 'responses')) {
        assert.equal(at(result, 'result.offset'), 1);
      }
      for (const name of channels) {
        assert.deepEqual(normal(await client.push(name)), publication('same', 1));
      }
      await staysSilent(client);
    },
  },
  {
    id: 'idempotency/without-history',
    title: 'without history a repeat gives an empty result again and delivers nothing',
    config: variousChannels,
    async run({ api, channel, connect }) {
      const one = within('unkept', channel());
      const { client, subscribe } = await connect();
      await subscribe(one);
      const key = { idempotency_key: randomUUID() };
      assert.deepEqual(await api.publish(one, 1, key), {});
      assert.deepEqual(await api.publish(one, 2, key), {});
      assert.deepEqual(await client.push(one), publication(1));
      await staysSilent(client);
    },
  },
  {
    id: 'idempotency/skip-history',
    title: 'a publication that skips history is known by its key too',
    needs: ['skip-history'],
    async run({ api, channel, connect }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      const more = { idempotency_key: randomUUID(), skip_history: true };
      assert.deepEqual(await api.publish(one, 1, more), {});
      assert.deepEqual(await api.publish(one, 2, more), {});
      assert.deepEqual(await client.push(one), publication(1));
      await staysSilent(client);
    },
  },
  {
    id: 'idempotency/trimmed',
    title: 'a key is known although its publication is gone: trimmed, or removed with the history',
    config: variousChannels,
    needs: ['history-remove'],
    async run({ api, channel, connect }) {
      const one = within('few', channel());
      const idempotency_key = randomUUID();
      const first = await api.publish(one, 1, { idempotency_key });
      for (let n = 2; n <= 8; n += 1) await api.publish(one, n);
      assert.deepEqual(await api.publish(one, 1, { idempotency_key }), first);
      await api.result('history_remove', { channel: one });
      const { client, subscribe } = await connect();
      await subscribe(one);
      assert.deepEqual(await api.publish(one, 1, { idempotency_key }), first);
      await staysSilent(client);
      assert.equal((await api.publish(one, 9)).offset, 9);
    },
  },
];
