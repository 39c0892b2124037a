import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { eventually } from '../eventually.ts';
import { publication } from '../expectations.ts';
import { at, type JsonObject, listAt, numberAt, textAt } from '../json.ts';

/** The API methods `batch`, `channels` and `info`, and what else can be read of a server over HTTP. */
export const apiOverviewCases: readonly ConformanceCase[] = [
  {
    id: 'batch/in-order',
    title: 'batch does its commands in order, and gives a reply or an error for each',
    needs: ['api-batch'],
    async run({ api, channel, connect, normal }) {
      const [one, other] = [channel(), channel()];
      const { client, subscribe, user } = await connect();
      await subscribe(one);
      await subscribe(other);
      const { replies } = await api.result('batch', {
        commands: [
          { publish: { channel: one, data: 1 } },
          { publish: { channel: one } },
          { broadcast: { channels: [one, 'nowhere:x'], data: 2 } },
          { history: { channel: one, limit: 1, reverse: true } },
          { unsubscribe: { user, channel: other } },
          { no_such_method: {} },
          { publish: { channel: one, data: 3 } },
        ],
      });
      // How that is put differs: the codes are what counts.
      const notFound = (replies as unknown[])[5];
      assert.equal(at(notFound, 'error.code'), 104);
      assert.deepEqual(normal(replies), [
        { publish: { offset: 1, epoch: 'epoch-1' } },
        { error: { code: 107, message: 'bad request' } },
        {
          broadcast: {
            responses: [
              { result: { offset: 2, epoch: 'epoch-1' } },
              { error: { code: 102, message: 'unknown channel' } },
            ],
          },
        },
        { history: { publications: [{ data: 2, offset: 2 }], epoch: 'epoch-1', offset: 2 } },
        { unsubscribe: {} },
        notFound,
        { publish: { offset: 3, epoch: 'epoch-1' } },
      ]);
      assert.deepEqual(normal(await client.push(one)), publication(1, 1));
      assert.deepEqual(normal(await client.push(one)), publication(2, 2));
      assert.deepEqual(normal(await client.push(one)), publication(3, 3));
      assert.equal(at(await client.push(other), 'unsubscribe.code'), 2000);
    },
  },
  {
    id: 'batch/parallel',
    title: 'batch in parallel gives its replies in the order of the commands',
    needs: ['api-batch'],
    async run({ api, channel }) {
      const channels = Array.from({ length: 100 }, channel);
      await api.publish(channels[7] ?? '', 'one before');
      const { replies } = await api.result('batch', {
        parallel: true,
        commands: channels.map((name) => ({ publish: { channel: name, data: name } })),
      });
      assert.deepEqual(
        (replies as unknown[]).map((reply) => at(reply, 'publish.offset')),
        channels.map((_, index) => (index === 7 ? 2 : 1)),
      );
    },
  },
  {
    id: 'batch/nothing',
    title: 'a batch without commands does nothing',
    needs: ['api-batch'],
    async run({ api }) {
      for (const params of [{}, { commands: [] }]) {
        const { replies } = await api.result('batch', params);
        assert.deepEqual(replies ?? [], []);
      }
    },
  },
  {
    id: 'channels/subscribed',
    title: 'channels names those with subscribers, with how many; a pattern chooses',
    needs: ['api-channels'],
    async run({ api, channel, connect, user }) {
      const [one, other, quiet] = [channel(), channel(), channel()];
      const [first, second] = [
        await connect(),
        await connect(user(), { claims: { channels: [one] } }),
      ];
      await first.subscribe(one);
      await first.subscribe(other);
      await api.publish(quiet, 'nobody subscribes');
      const found = async (params: JsonObject) =>
        at(await api.result('channels', params), 'channels') as Record<string, unknown>;
      const all = await found({});
      assert.deepEqual(all[one], { num_clients: 2 });
      assert.deepEqual(all[other], { num_clients: 1 });
      assert.equal(all[quiet], undefined);
      const mine = one.replace(/-\d+\/u$/, '');
      assert.deepEqual(
        Object.keys(await found({ pattern: `${mine}*` })).sort(),
        [one, other].sort(),
      );
      assert.deepEqual(await found({ pattern: one }), { [one]: { num_clients: 2 } });
      assert.deepEqual(await found({ pattern: `${mine}-nothing*` }), {});
      second.client.cut();
      await first.client.ask({ unsubscribe: { channel: other } });
      const left = await eventually(
        'a channel without subscribers has no name',
        () => found({ pattern: `${mine}*` }),
        (names) => at(names[one], 'num_clients') === 1 && names[other] === undefined,
      );
      assert.deepEqual(left, { [one]: { num_clients: 1 } });
    },
  },
  {
    id: 'info/counts',
    title: 'info counts connections, users, subscriptions and channels',
    ownServer: true,
    needs: ['api-info'],
    async run({ api, channel, connect, user }) {
      const [name, one, other] = [user(), channel(), channel()];
      const members = [await connect(name), await connect(name), await connect()];
      for (const { subscribe } of members) await subscribe(one);
      await members[0]?.subscribe(other);
      const counts = async () => {
        const [node, ...others] = listAt(await api.result('info', {}), 'nodes');
        assert.deepEqual(others, []);
        assert.notEqual(textAt(node, 'uid'), '');
        assert.notEqual(textAt(node, 'name'), '');
        assert.ok(numberAt(node, 'uptime') >= 0);
        return ['clients', 'users', 'subs', 'channels'].map((what) => at(node, `num_${what}`));
      };
      // Each node tells of itself every few seconds.
      await eventually(
        'info counts what is there',
        counts,
        (found) => JSON.stringify(found) === '[3,2,4,2]',
        8_000,
      );
    },
  },
  {
    id: 'health/answers',
    title: 'GET /health is 200 with an empty object',
    async run({ server }) {
      const reply = await fetch(new URL('/health', server.apiUrl));
      assert.equal(reply.status, 200);
      assert.deepEqual(await reply.json(), {});
    },
  },
  {
    id: 'metrics/counted',
    title: 'GET /metrics tells Prometheus of connections, closes by code and API calls',
    config: { prometheus: { enabled: true } },
    ownServer: true,
    needs: ['metrics'],
    async run({ server, api, connect }) {
      const kept = await connect();
      const { client, user } = await connect();
      await api.result('disconnect', { user, disconnect: { code: 4123, reason: 'counted' } });
      await client.closed();
      const read = async () => {
        const reply = await fetch(new URL('/metrics', server.apiUrl));
        assert.equal(reply.status, 200);
        assert.match(reply.headers.get('content-type') ?? '', /^text\/plain/);
        return await reply.text();
      };
      await eventually(
        'one connection, and one close with its code',
        read,
        (text) =>
          /^centrifugo_node_num_clients(\{.*\})? 1$/m.test(text) &&
          /^centrifugo_client_num_server_disconnects\{.*code="4123".*\} 1$/m.test(text),
        12_000,
      );
      assert.equal(kept.client.end, undefined);
    },
  },
];
