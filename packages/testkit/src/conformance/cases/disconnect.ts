import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { closesWith, publication, staysSilent } from '../expectations.ts';
import { at, textAt } from '../json.ts';
import { variousChannels } from './various-channels.ts';

/** Codes and reasons that clients would misread (H9). */
const misleading = [
  {},
  { code: 4000, reason: '' },
  { code: 4500, reason: '{"reconnect":true}' },
  { code: 4000, reason: '123' },
  { code: 4500, reason: 'r'.repeat(124) },
  { code: 4500, reason: 'é'.repeat(62) },
  { code: 1000, reason: 'under 3000' },
  { code: 5000, reason: 'over 4999' },
];

/** The API method `disconnect`; codes and reasons stand in `closes.ts`. */
export const disconnectCases: readonly ConformanceCase[] = [
  {
    id: 'disconnect/client',
    title: 'with user and client it closes that connection alone',
    async run({ api, connect, user }) {
      const name = user();
      const [one, other] = [await connect(name), await connect(name)];
      const client = textAt(one.connected, 'connect.client');
      await api.result('disconnect', { user: name, client });
      await closesWith(one.client, 3503);
      await staysSilent(other.client);
    },
  },
  {
    id: 'disconnect/other-client',
    title: "a client of another user, or a session that nobody has, closes nobody's connection",
    async run({ api, connect }) {
      const [one, other] = [await connect(), await connect()];
      const client = textAt(other.connected, 'connect.client');
      assert.deepEqual(await api.result('disconnect', { user: one.user, client }), {});
      assert.deepEqual(
        await api.result('disconnect', { user: one.user, session: 'of nobody' }),
        {},
      );
      await staysSilent(one.client);
      await staysSilent(other.client);
    },
  },
  {
    id: 'disconnect/whitelist',
    title: 'clients of the whitelist are kept, all others of the user closed',
    async run({ api, connect, user }) {
      const name = user();
      const members = [await connect(name), await connect(name), await connect(name)] as const;
      const [first, kept, last] = members;
      await api.result('disconnect', {
        user: name,
        whitelist: [textAt(kept.connected, 'connect.client'), 'unknown'],
        disconnect: { code: 4001, reason: 'elsewhere' },
      });
      for (const { client } of [first, last]) {
        assert.equal((await closesWith(client, 4001)).reason, 'elsewhere');
      }
      await staysSilent(kept.client);
    },
  },
  {
    id: 'disconnect/nobody',
    title: 'a user who is not connected can be disconnected',
    async run({ api, user }) {
      assert.deepEqual(await api.result('disconnect', { user: user() }), {});
    },
  },
  {
    id: 'disconnect/published-before',
    title: 'what was published before a disconnect reaches the client before the close',
    rules: ['H9'],
    async run({ api, channel, connect, normal }) {
      const one = channel();
      const { client, subscribe, user } = await connect();
      await subscribe(one);
      for (let n = 1; n <= 5; n += 1) await api.publish(one, n);
      await api.result('disconnect', { user });
      await closesWith(client, 3503);
      const pushes = client.rest().map((object) => normal(at(object, 'push.pub')));
      assert.deepEqual(
        pushes,
        [1, 2, 3, 4, 5].map((n) => publication(n, n).pub),
      );
    },
  },
  {
    id: 'disconnect/again-and-again',
    title: 'a user who was disconnected may come back, and be disconnected again',
    async run({ api, connect, user }) {
      const name = user();
      for (let round = 0; round < 3; round += 1) {
        const { client } = await connect(name);
        await api.result('disconnect', {
          user: name,
          disconnect: { code: 4000 + round, reason: 'again' },
        });
        await closesWith(client, 4000 + round);
      }
    },
  },
  {
    id: 'disconnect/misleading',
    title:
      'codes and reasons that clients would misread: stock takes them, ours answers 107 and closes nobody',
    rules: ['H9'],
    async run({ api, connect, manner }) {
      for (const disconnect of misleading) {
        const { client, user } = await connect();
        if (manner('api-checks') === 'hub') {
          assert.equal(await api.errorCode('disconnect', { user, disconnect }), 107);
          await staysSilent(client);
        } else {
          assert.deepEqual(await api.result('disconnect', { user, disconnect }), {});
          await client.closed();
        }
      }
    },
  },
  {
    id: 'disconnect/of-no-user',
    title:
      'without a user: stock closes every anonymous connection, ours answers 107 and closes nobody',
    config: variousChannels,
    ownServer: true,
    needs: ['anonymous-modes'],
    async run({ api, connect, open, manner }) {
      const anonymous = await open();
      anonymous.send({ id: 1, connect: {} });
      assert.notEqual(at(await anonymous.reply(1), 'connect'), undefined);
      const known = await connect();
      if (manner('api-checks') === 'hub') {
        assert.equal(await api.errorCode('disconnect', {}), 107);
        assert.equal(await api.errorCode('disconnect', { user: '' }), 107);
        await staysSilent(anonymous);
      } else {
        assert.deepEqual(await api.result('disconnect', {}), {});
        await closesWith(anonymous, 3503);
      }
      await staysSilent(known.client);
    },
  },
  {
    id: 'disconnect/client-without-user',
    title: 'with a client and no user: stock closes nobody, ours that client',
    async run({ api, connect, manner }) {
      const [one, other] = [await connect(), await connect()];
      const client = textAt(one.connected, 'connect.client');
      assert.deepEqual(await api.result('disconnect', { client }), {});
      if (manner('api-checks') === 'hub') await closesWith(one.client, 3503);
      else await staysSilent(one.client);
      await staysSilent(other.client);
    },
  },
];
