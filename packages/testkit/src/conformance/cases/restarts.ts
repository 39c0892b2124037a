import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ConformanceCase } from '../case.ts';
import { channelOptions } from '../config.ts';
import type { CaseContext } from '../context.ts';
import { eventually } from '../eventually.ts';
import { closesWith, publication, staysSilent } from '../expectations.ts';
import { at, type JsonObject, listAt, numberAt } from '../json.ts';
import type { Broker } from '../target.ts';
import { connectionToken, subscriptionToken } from '../tokens.ts';

/** What a client that subscribed with the SDK has been told, in order. */
function follow({ sdk, user }: CaseContext, channel: string) {
  const name = user();
  const events: unknown[] = [];
  const client = sdk({ token: connectionToken(name) });
  const subscription = client.newSubscription(channel, {
    token: subscriptionToken(name, channel),
  });
  client.on('disconnected', ({ code }) => events.push(`disconnected ${code}`));
  subscription.on('subscribed', ({ wasRecovering, recovered }) => {
    events.push(wasRecovering ? `subscribed, recovered ${recovered}` : 'subscribed');
  });
  subscription.on('unsubscribed', ({ code }) => events.push(`unsubscribed ${code}`));
  subscription.on('publication', ({ data }) => events.push(data));
  subscription.subscribe();
  client.connect();
  return {
    /** All events, once this one is among them. */
    until: (event: unknown, meanwhile: () => Promise<unknown> = async () => {}) =>
      eventually(
        `the SDK is told ${String(event)}`,
        async () => {
          if (!events.includes(event)) await meanwhile();
          return events;
        },
        () => events.includes(event),
        10_000,
      ),
  };
}

/** What becomes of history, clients and publishers when a server goes and comes back. */
export const restartCases: readonly ConformanceCase[] = [
  {
    id: 'restart/forgotten',
    title:
      'after SIGTERM and a start the epoch is new: nothing from before is recovered, nor what came before the client',
    ownServer: true,
    needs: ['forgets-on-restart'],
    rules: ['H4'],
    async run({ api, channel, connect, server, normal }) {
      const one = channel();
      const { client, subscribe, user } = await connect();
      await subscribe(one);
      const idempotency_key = randomUUID();
      const { epoch } = await api.publish(one, 1, { idempotency_key });
      assert.deepEqual(normal(await client.push(one)), publication(1, 1));
      const stopped = server.stop();
      await closesWith(client, 3001);
      await stopped;
      await server.restart();
      const again = await api.publish(one, 'new', { idempotency_key });
      assert.equal(again.offset, 1);
      assert.notEqual(again.epoch, epoch);
      const back = await connect(user);
      const reply = await back.subscribe(one, {
        claims: { exp: undefined },
        subscribe: { recover: true, epoch, offset: 1 },
      });
      assert.deepEqual(reply.subscribe, {
        recoverable: true,
        positioned: true,
        epoch: again.epoch,
        offset: 1,
        was_recovering: true,
      });
      await api.publish(one, 2);
      assert.deepEqual(normal(await back.client.push(one)), publication(2, 2));
    },
  },
  {
    id: 'restart/killed',
    title:
      'the SDK comes back after SIGKILL by itself, is told that it has missed something, and is live',
    ownServer: true,
    needs: ['forgets-on-restart'],
    rules: ['H4'],
    async run(context) {
      const { api, channel, server } = context;
      const one = channel();
      const sdk = follow(context, one);
      await sdk.until('subscribed');
      await api.publish(one, 1);
      await sdk.until(1);
      await server.kill();
      await server.restart();
      await sdk.until('subscribed, recovered false');
      await api.publish(one, 2);
      assert.deepEqual(await sdk.until(2), ['subscribed', 1, 'subscribed, recovered false', 2]);
    },
  },
  {
    id: 'restart/kept',
    title:
      'with a broker epoch, offsets, history and idempotency keys outlive SIGKILL: what was missed before and after is recovered',
    ownServer: true,
    needs: ['keeps-on-restart'],
    rules: ['H4'],
    async run(context) {
      const { api, channel, connect, server } = context;
      const one = channel();
      const sdk = follow(context, one);
      await sdk.until('subscribed');
      const { epoch } = await api.publish(one, 1);
      await sdk.until(1);
      const idempotency_key = randomUUID();
      const second = await api.publish(one, 2, { idempotency_key });
      await sdk.until(2);
      await server.kill();
      await server.restart();
      assert.deepEqual(await api.publish(one, 'again', { idempotency_key }), second);
      assert.deepEqual(await api.publish(one, 3), { offset: 3, epoch });
      const { subscribe } = await connect();
      const reply = await subscribe(one, { subscribe: { recover: true, epoch, offset: 1 } });
      assert.deepEqual(listAt(reply, 'subscribe.publications'), [
        { data: 2, offset: 2 },
        { data: 3, offset: 3 },
      ]);
      await sdk.until(3);
      assert.deepEqual(await sdk.until('subscribed, recovered true'), [
        'subscribed',
        1,
        2,
        'subscribed, recovered true',
        3,
      ]);
    },
  },
  {
    id: 'nodes/act-as-one',
    title:
      'two servers on one broker: publications, presence, unsubscribe and disconnect of one reach the clients of the other',
    needs: ['broker', 'presence', 'api-info'],
    async run({ channel, normal, startBroker }) {
      const { start } = await startBroker();
      const config = channelOptions({ presence: true });
      const [first, second] = [await start(config), await start(config)];
      const [one, other] = [channel(), channel()];
      const here = await first.connect();
      const there = await second.connect();
      for (const { subscribe } of [here, there]) await subscribe(one);
      await here.subscribe(other);
      for (const [index, node] of [first, second].entries()) {
        await node.api.publish(one, index);
        for (const { client } of [here, there]) {
          assert.deepEqual(normal(await client.push(one)), publication(index, index + 1));
        }
      }
      assert.deepEqual(await second.api.result('presence_stats', { channel: one }), {
        num_clients: 2,
        num_users: 2,
      });
      await eventually(
        'each node knows of the other',
        async () => listAt(await first.api.result('info', {}), 'nodes').length,
        (nodes) => nodes === 2,
        8_000,
      );
      await second.api.result('unsubscribe', { user: here.user, channel: other });
      assert.equal(at(await here.client.push(other), 'unsubscribe.code'), 2000);
      await second.api.result('disconnect', { user: here.user });
      await closesWith(here.client, 3503);
      await staysSilent(there.client);
    },
  },
  {
    id: 'nodes/one-dies',
    title: 'a client of a server that is killed recovers at the other one',
    needs: ['broker'],
    rules: ['H4'],
    async run({ channel, startBroker, normal }) {
      const { start } = await startBroker();
      const [first, second] = [await start({}), await start({})];
      const one = channel();
      const before = await first.connect();
      await before.subscribe(one);
      const { epoch } = await second.api.publish(one, 1);
      assert.deepEqual(normal(await before.client.push(one)), publication(1, 1));
      await first.server.kill();
      await before.client.closed();
      await second.api.publish(one, 2);
      const after = await second.connect(before.user);
      const reply = await after.subscribe(one, {
        subscribe: { recover: true, epoch, offset: 1 },
      });
      assert.equal(at(reply, 'subscribe.recovered'), true);
      assert.deepEqual(listAt(reply, 'subscribe.publications'), [{ data: 2, offset: 2 }]);
    },
  },
  {
    id: 'broker/away',
    title:
      'while the broker is away publish is error 100 and a subscribe closes 3004; those who are there stay',
    needs: ['broker'],
    async run({ channel, startBroker }) {
      const { broker, start } = await startBroker();
      const { api, connect } = await start({});
      const [one, other] = [channel(), channel()];
      const idle = await connect();
      await idle.subscribe(one);
      const eager = await connect();
      await broker.stop();
      assert.equal(await api.errorCode('publish', { channel: one, data: 1 }), 100);
      assert.equal(await api.errorCode('history', { channel: one, limit: 1 }), 100);
      const { responses } = await api.result('broadcast', { channels: [one, other], data: 1 });
      assert.deepEqual(
        (responses as unknown[]).map((response) => numberAt(response, 'error.code')),
        [100, 100],
      );
      eager.client.send({ id: 2, ...eager.subscribing(other) });
      await closesWith(eager.client, 3004);
      await staysSilent(idle.client);
    },
  },
  {
    id: 'broker/back-and-empty',
    title:
      'when the broker is back, empty, the epoch is new: the next publication tells a client that it has lost its place, and it comes back',
    needs: ['broker'],
    rules: ['H4'],
    async run({ channel, startBroker }) {
      const { broker, start } = await startBroker();
      const there = await start({});
      const { api } = there;
      const one = channel();
      const sdk = follow(there, one);
      await sdk.until('subscribed');
      const before = await api.publish(one, 1);
      await sdk.until(1);
      await restartEmpty(broker);
      const after = await takenAgain(there, one);
      assert.equal(after.offset, 1);
      assert.notEqual(after.epoch, before.epoch);
      // The server may still be about to listen to the broker: what comes until then is lost.
      const told = await sdk.until('subscribed, recovered false', () => api.publish(one, 'again'));
      assert.ok(!told.some((event) => String(event).startsWith('disconnected')), String(told));
      await api.publish(one, 'live');
      await sdk.until('live');
    },
  },
  {
    id: 'broker/position-checked',
    title:
      'a client in a quiet channel is told by the check of its position that it has lost its place',
    needs: ['broker'],
    rules: ['H4'],
    async run({ channel, startBroker }) {
      const { broker, start } = await startBroker();
      const there = await start({
        client: { channel_position_check_delay: '1s', presence_update_interval: '1s' },
      });
      const one = channel();
      const sdk = follow(there, one);
      await sdk.until('subscribed');
      await there.api.publish(one, 1);
      await sdk.until(1);
      await restartEmpty(broker);
      await sdk.until('subscribed, recovered false');
      await takenAgain(there, one);
      await sdk.until('back');
    },
  },
];

/** A broker that has lost everything; its next epoch cannot be the one before. */
async function restartEmpty(broker: Broker): Promise<void> {
  await broker.stop();
  // An epoch of v0.38.0 on Redis is the second in which it began.
  const second = () => Math.floor(Date.now() / 1000);
  const last = second();
  await eventually(
    'a second later',
    async () => second(),
    (now) => now > last,
  );
  await broker.restart();
}

/** Publishes until that works; the result. */
async function takenAgain({ api }: CaseContext, channel: string): Promise<JsonObject> {
  const { body } = await eventually(
    'publications are taken again',
    () => api.call('publish', { channel, data: 'back' }),
    (reply) => at(reply.body, 'result') !== undefined,
    10_000,
  );
  return at(body, 'result') as JsonObject;
}
