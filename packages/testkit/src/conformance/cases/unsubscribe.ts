import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { publication, staysSilent } from '../expectations.ts';
import { at, textAt } from '../json.ts';

const ended = { unsubscribe: { code: 2000, reason: 'server unsubscribe' } };

/** The API method `unsubscribe`; what it is to the one who is unsubscribed stands in `subscribe.ts`. */
export const unsubscribeCases: readonly ConformanceCase[] = [
  {
    id: 'unsubscribe/by-api-client',
    title: 'with user and client it ends the subscription of that connection alone',
    rules: ['H11'],
    async run({ api, channel, connect, user, normal }) {
      const [name, one] = [user(), channel()];
      const [first, second] = [await connect(name), await connect(name)];
      for (const { subscribe } of [first, second]) await subscribe(one);
      const client = textAt(second.connected, 'connect.client');
      await api.result('unsubscribe', { user: name, client, channel: one });
      assert.deepEqual(await second.client.push(one), ended);
      await api.publish(one, 1);
      assert.deepEqual(normal(await first.client.push(one)), publication(1, 1));
      await staysSilent(second.client);
    },
  },
  {
    id: 'unsubscribe/by-api-code',
    title: 'the code is always 2000, whatever the request says',
    rules: ['H11'],
    async run({ api, channel, connect }) {
      const one = channel();
      const { client, subscribe, user } = await connect();
      await subscribe(one);
      await api.result('unsubscribe', { user, channel: one, code: 2500, reason: 'mine' });
      assert.deepEqual(await client.push(one), ended);
    },
  },
  {
    id: 'unsubscribe/by-api-not-subscribed',
    title:
      'of a channel that is not subscribed, or a user who is not there, it succeeds, and other subscriptions go on',
    rules: ['H11'],
    async run({ api, channel, connect, user, normal }) {
      const [one, other] = [channel(), channel()];
      const member = await connect();
      await member.subscribe(one);
      assert.deepEqual(await api.result('unsubscribe', { user: member.user, channel: other }), {});
      assert.deepEqual(await api.result('unsubscribe', { user: user(), channel: one }), {});
      // It is told all the same: it may be about to subscribe.
      assert.deepEqual(await member.client.push(other), ended);
      await api.publish(one, 1);
      assert.deepEqual(normal(await member.client.next()), {
        push: { channel: one, ...publication(1, 1) },
      });
    },
  },
  {
    id: 'unsubscribe/by-api-unknown-namespace',
    title: 'in an unknown namespace it is error 102',
    async run({ api, channel, user }) {
      const command = { user: user(), channel: `nowhere:${channel()}` };
      assert.equal(await api.errorCode('unsubscribe', command), 102);
    },
  },
  {
    id: 'unsubscribe/by-api-published-before',
    title: 'nothing of the channel comes after the push that ends its subscription',
    rules: ['H11'],
    async run({ api, channel, connect }) {
      const one = channel();
      const { client, subscribe, user } = await connect();
      await subscribe(one);
      const publishing = Array.from({ length: 30 }, (_, n) => api.publish(one, n));
      await api.result('unsubscribe', { user, channel: one });
      await Promise.all(publishing);
      await api.publish(one, 'last');
      await client.find('unsubscribe', (object) => at(object, 'push.unsubscribe') !== undefined);
      await staysSilentBut(client);
    },
  },
];

/** What is left to take came before the end of the subscription. */
async function staysSilentBut(client: Parameters<typeof staysSilent>[0]): Promise<void> {
  client.rest();
  const ends = client.received.findLastIndex(
    ({ object }) => at(object, 'push.unsubscribe') !== undefined,
  );
  const pushed = client.received.findLastIndex(
    ({ object }) => at(object, 'push.pub') !== undefined,
  );
  assert.ok(pushed < ends, 'a publication came after the end of its subscription');
  await staysSilent(client);
}
