import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { failure, publication } from '../expectations.ts';
import { at } from '../json.ts';

const config = {
  channel: {
    namespaces: [
      { name: 'news', allow_subscribe_for_client: true },
      { name: 'chat', history_size: 2, history_ttl: '60s', force_recovery: true },
    ],
  },
};

/** Channel options by namespace. */
export const namespaceCases: readonly ConformanceCase[] = [
  {
    id: 'namespaces/own-options',
    title: 'each namespace has its own options, and none of those without a namespace',
    config,
    needs: ['namespaces'],
    async run({ connect, channel, api, normal }) {
      const name = channel();
      const { client, subscribe } = await connect();
      client.send({ id: 2, subscribe: { channel: `news:${name}` } });
      assert.deepEqual(await client.next(), { id: 2, subscribe: {} });
      client.send({ id: 3, subscribe: { channel: `chat:${name}` } });
      assert.deepEqual(await client.next(), failure(3, 103));
      client.send({ id: 4, subscribe: { channel: name } });
      assert.deepEqual(await client.next(), failure(4, 103));
      const reply = await subscribe(`chat:${name}`, { claims: { exp: undefined } });
      assert.deepEqual(normal(reply.subscribe), {
        recoverable: true,
        positioned: true,
        epoch: 'epoch-1',
      });
      assert.deepEqual(await api.publish(`news:${name}`, 1), {});
      assert.deepEqual(await client.push(`news:${name}`), publication(1));
      assert.equal((await api.publish(`chat:${name}`, 2)).offset, 1);
      assert.deepEqual(normal(await client.push(`chat:${name}`)), publication(2, 1));
    },
  },
  {
    id: 'namespaces/unknown',
    title: 'a namespace that is not configured is error 102, to clients and to the API',
    config,
    needs: ['namespaces'],
    async run({ connect, channel, api }) {
      const name = `nowhere:${channel()}`;
      const { subscribe } = await connect();
      assert.equal(at(await subscribe(name), 'error.code'), 102);
      assert.equal(await api.errorCode('publish', { channel: name, data: {} }), 102);
    },
  },
  {
    id: 'namespaces/colons',
    title: 'the first colon ends the namespace, a private mark before it does not count',
    config,
    needs: ['namespaces'],
    async run({ connect, channel, api }) {
      const name = channel();
      const { client, subscribe } = await connect();
      const plain = await client.ask({ subscribe: { channel: `news:a:${name}` } });
      assert.deepEqual(plain.subscribe, {});
      const secret = `$chat:${name}`;
      assert.equal(at(await client.ask({ subscribe: { channel: secret } }), 'error.code'), 103);
      assert.equal(at(await subscribe(secret), 'subscribe.recoverable'), true);
      assert.equal((await api.publish(secret, 1)).offset, 1);
    },
  },
];
