import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import type { CaseContext, Member } from '../context.ts';
import { closesWith, staysSilent } from '../expectations.ts';
import { at, numberAt, textAt } from '../json.ts';
import { inSeconds } from '../tokens.ts';
import { quickExpiry } from './expiry.ts';
import { variousChannels, within } from './various-channels.ts';

/** Two connections whose tokens last no longer than it takes. */
async function twoForAMoment({ connect, user }: CaseContext): Promise<readonly [Member, Member]> {
  const soon = { exp: inSeconds(3) };
  return [await connect(user(), { claims: soon }), await connect(user(), { claims: soon })];
}

/** The API method `refresh`. */
export const refreshByApiCases: readonly ConformanceCase[] = [
  {
    id: 'refresh-by-api/expired',
    title: 'expired closes 3005, every connection of the user or one of them',
    rules: ['H10'],
    needs: ['api-refresh'],
    async run({ api, connect, user }) {
      const name = user();
      const members = [await connect(name), await connect(name), await connect(name)] as const;
      const [first, ...others] = members;
      const client = textAt(first.connected, 'connect.client');
      assert.deepEqual(await api.result('refresh', { user: name, client, expired: true }), {});
      await closesWith(first.client, 3005);
      for (const other of others) await staysSilent(other.client);
      await api.result('refresh', { user: name, expired: true });
      for (const other of others) await closesWith(other.client, 3005);
    },
  },
  {
    id: 'refresh-by-api/past',
    title: 'an expire_at in the past closes 3005',
    rules: ['H10'],
    needs: ['api-refresh'],
    async run({ api, connect }) {
      const { client, user } = await connect();
      await api.result('refresh', { user, expire_at: inSeconds(-5) });
      await closesWith(client, 3005);
    },
  },
  {
    id: 'refresh-by-api/later',
    title: 'a later expire_at is pushed with its ttl, and the connection outlives its token',
    rules: ['H10'],
    config: quickExpiry,
    needs: ['api-refresh'],
    async run(context) {
      const { api } = context;
      const [refreshed, doomed] = await twoForAMoment(context);
      await api.result('refresh', { user: refreshed.user, expire_at: inSeconds(600) });
      const { push } = await refreshed.client.next('refresh push');
      assert.equal(at(push, 'refresh.expires'), true);
      const ttl = numberAt(push, 'refresh.ttl');
      assert.ok(ttl >= 597 && ttl <= 600, `ttl ${ttl}`);
      await closesWith(doomed.client, 3005, 10_000);
      await staysSilent(refreshed.client);
    },
  },
  {
    id: 'refresh-by-api/sooner',
    title: 'an earlier expire_at ends the connection after the grace',
    rules: ['H10'],
    config: quickExpiry,
    needs: ['api-refresh'],
    async run({ api, connect }) {
      const { client, user } = await connect();
      await api.result('refresh', { user, expire_at: inSeconds(2) });
      await client.next('refresh push');
      const since = performance.now();
      await closesWith(client, 3005, 10_000);
      assert.ok(performance.now() - since > 1_000);
    },
  },
  {
    id: 'refresh-by-api/never',
    title: 'without expire_at the connection no longer expires',
    rules: ['H10'],
    config: quickExpiry,
    needs: ['api-refresh'],
    async run(context) {
      const { api } = context;
      const [refreshed, doomed] = await twoForAMoment(context);
      await api.result('refresh', { user: refreshed.user });
      assert.deepEqual(await refreshed.client.next(), { push: { refresh: {} } });
      await closesWith(doomed.client, 3005, 10_000);
      await staysSilent(refreshed.client);
    },
  },
  {
    id: 'refresh-by-api/info',
    title: 'info is that of the next subscriptions',
    config: variousChannels,
    needs: ['api-refresh', 'presence'],
    async run({ api, channel, connect, user }) {
      const one = within('seen', channel());
      const {
        client,
        subscribe,
        connected,
        user: name,
      } = await connect(user(), {
        claims: { info: { version: 1 } },
      });
      const expire_at = inSeconds(600);
      await api.result('refresh', { user: name, expire_at, info: { version: 2 } });
      await client.next('refresh push');
      await subscribe(one);
      const id = textAt(connected, 'connect.client');
      assert.deepEqual(await api.result('presence', { channel: one }), {
        presence: { [id]: { user: name, client: id, conn_info: { version: 2 } } },
      });
    },
  },
  {
    id: 'refresh-by-api/nobody',
    title: 'a user who is not connected can be refreshed',
    needs: ['api-refresh'],
    async run({ api, user }) {
      assert.deepEqual(await api.result('refresh', { user: user(), expired: true }), {});
    },
  },
];
