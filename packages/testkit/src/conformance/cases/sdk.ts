import assert from 'node:assert/strict';
import type { Subscription } from 'centrifuge';
import type { ConformanceCase } from '../case.ts';
import type { CaseContext } from '../context.ts';
import { at, numberAt } from '../json.ts';
import { connectionToken, inSeconds, subscriptionToken } from '../tokens.ts';

const LIMIT_MS = 10_000;

/** The next event of that name; rejects when it does not come in time. */
function next<Context = unknown>(
  emitter: { once(event: never, handler: (context: never) => void): unknown },
  event: string,
): Promise<Context> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`no ${event} from the SDK within ${LIMIT_MS} ms`)),
      LIMIT_MS,
    );
    emitter.once(
      event as never,
      ((context: Context) => {
        clearTimeout(timer);
        resolve(context);
      }) as never,
    );
  });
}

/** What a subscription is given, in order. */
function collect(subscription: Subscription): unknown[] {
  const data: unknown[] = [];
  subscription.on('publication', (context) => data.push(context.data));
  return data;
}

/** Waits until the subscription has been given so many. */
async function untilGiven(subscription: Subscription, data: unknown[], count: number) {
  while (data.length < count) await next(subscription, 'publication');
}

/** An SDK client that is subscribed to a channel of its own. */
async function subscribed({ sdk, user, channel }: CaseContext) {
  const [name, one] = [user(), channel()];
  const client = sdk({ token: connectionToken(name) });
  const subscription = client.newSubscription(one, { token: subscriptionToken(name, one) });
  const data = collect(subscription);
  const done = next(subscription, 'subscribed');
  subscription.subscribe();
  client.connect();
  return { name, one, client, subscription, data, context: await done };
}

const soon = (seconds: number) => ({ exp: inSeconds(seconds) });
const quick = {
  client: {
    expired_close_delay: '1s',
    expired_sub_close_delay: '1s',
    presence_update_interval: '1s',
  },
};

/** What the official SDK makes of it: `centrifuge` for JavaScript. */
export const sdkCases: readonly ConformanceCase[] = [
  {
    id: 'sdk/login',
    title: 'the SDK connects, subscribes and is given publications in order',
    async run(context) {
      const { api } = context;
      const { one, subscription, data, context: place } = await subscribed(context);
      assert.equal(at(place, 'recoverable'), true);
      for (let n = 1; n <= 20; n += 1) await api.publish(one, n);
      await untilGiven(subscription, data, 20);
      assert.deepEqual(
        data,
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
    },
  },
  {
    id: 'sdk/other-user',
    title: "another user's subscription token ends the SDK's client for good",
    async run({ sdk, user, channel }) {
      const [name, one] = [user(), channel()];
      const client = sdk({ token: connectionToken(name) });
      const disconnected = next<{ code: number }>(client, 'disconnected');
      client.newSubscription(one, { token: subscriptionToken(`${name}-else`, one) }).subscribe();
      client.connect();
      assert.equal((await disconnected).code, 3500);
    },
  },
  {
    id: 'sdk/bad-token',
    title: 'a badly signed subscription token ends that subscription alone',
    async run({ sdk, user, channel }) {
      const [name, one, other] = [user(), channel(), channel()];
      const client = sdk({ token: connectionToken(name) });
      const bad = client.newSubscription(one, { token: 'no good' });
      const good = client.newSubscription(other, { token: subscriptionToken(name, other) });
      const unsubscribed = next<{ code: number }>(bad, 'unsubscribed');
      const subscribed = next(good, 'subscribed');
      bad.subscribe();
      good.subscribe();
      client.connect();
      assert.equal((await unsubscribed).code, 103);
      await subscribed;
      assert.equal(client.state, 'connected');
    },
  },
  {
    id: 'sdk/expired-tokens',
    title:
      'expired tokens of connection and subscription are replaced without a word to the application',
    async run({ sdk, user, channel }) {
      const [name, one] = [user(), channel()];
      const client = sdk({
        token: connectionToken(name, soon(-5)),
        getToken: async () => connectionToken(name),
      });
      const subscription = client.newSubscription(one, {
        token: subscriptionToken(name, one, soon(-5)),
        getToken: async () => subscriptionToken(name, one),
        minResubscribeDelay: 20,
        maxResubscribeDelay: 100,
      });
      const subscribed = next(subscription, 'subscribed');
      subscription.subscribe();
      client.connect();
      await subscribed;
      assert.equal(client.state, 'connected');
    },
  },
  {
    id: 'sdk/refreshes',
    title: 'short tokens are refreshed again and again, and nothing is lost meanwhile',
    config: quick,
    async run({ sdk, user, channel, api }) {
      const [name, one] = [user(), channel()];
      let connectionTokens = 0;
      let subscriptionTokens = 0;
      const client = sdk({
        getToken: async () => {
          connectionTokens += 1;
          return connectionToken(name, soon(2));
        },
      });
      const events: string[] = [];
      client.on('disconnected', () => events.push('disconnected'));
      const subscription = client.newSubscription(one, {
        getToken: async () => {
          subscriptionTokens += 1;
          return subscriptionToken(name, one, soon(2));
        },
      });
      const data = collect(subscription);
      subscription.on('unsubscribed', () => events.push('unsubscribed'));
      const subscribed = next(subscription, 'subscribed');
      subscription.subscribe();
      client.connect();
      await subscribed;
      client.on('connecting', () => events.push('connecting'));
      subscription.on('subscribing', () => events.push('subscribing'));
      let published = 0;
      while (connectionTokens < 4 || subscriptionTokens < 4) {
        published += 1;
        await api.publish(one, published);
        await untilGiven(subscription, data, published);
      }
      assert.deepEqual(events, []);
    },
  },
  {
    id: 'sdk/recovers',
    title: 'a client that was cut off is given what it missed, once and in order',
    async run(context) {
      const { cutSdk, api } = context;
      const { one, subscription, data } = await subscribed(context);
      await api.publish(one, 1);
      await untilGiven(subscription, data, 1);
      const again = next<{ wasRecovering: boolean; recovered: boolean }>(
        subscription,
        'subscribed',
      );
      cutSdk();
      for (const n of [2, 3, 4]) await api.publish(one, n);
      const { wasRecovering, recovered } = await again;
      assert.deepEqual({ wasRecovering, recovered }, { wasRecovering: true, recovered: true });
      await api.publish(one, 5);
      await untilGiven(subscription, data, 5);
      assert.deepEqual(data, [1, 2, 3, 4, 5]);
    },
  },
  {
    id: 'sdk/unrecovered',
    title: 'a client from another epoch is told that it has missed something, and is live',
    async run({ sdk, user, channel, api }) {
      const [name, one] = [user(), channel()];
      await api.publish(one, 1);
      const client = sdk({ token: connectionToken(name) });
      const subscription = client.newSubscription(one, {
        token: subscriptionToken(name, one),
        since: { epoch: 'another', offset: 1 },
      });
      const data = collect(subscription);
      const subscribed = next<{ wasRecovering: boolean; recovered: boolean }>(
        subscription,
        'subscribed',
      );
      subscription.subscribe();
      client.connect();
      const { wasRecovering, recovered } = await subscribed;
      assert.deepEqual({ wasRecovering, recovered }, { wasRecovering: true, recovered: false });
      await api.publish(one, 2);
      await untilGiven(subscription, data, 1);
      assert.deepEqual(data, [2]);
    },
  },
  {
    id: 'sdk/server-side',
    title:
      "publications of server-side subscriptions come as the client's own; a subscribe beside them ends 105",
    async run({ sdk, user, channel, api }) {
      const [name, one] = [user(), channel()];
      const client = sdk({ token: connectionToken(name, { channels: [one] }) });
      const connected = next(client, 'connected');
      client.connect();
      await connected;
      const beside = client.newSubscription(one, { token: subscriptionToken(name, one) });
      const unsubscribed = next<{ code: number }>(beside, 'unsubscribed');
      beside.subscribe();
      assert.equal((await unsubscribed).code, 105);
      const publication = next(client, 'publication');
      await api.publish(one, { n: 1 });
      assert.deepEqual(at(await publication, 'data'), { n: 1 });
    },
  },
  {
    id: 'sdk/unsubscribed-by-server',
    title: 'an unsubscribe by the API ends a subscription of the SDK, which may begin it again',
    async run(context) {
      const { api } = context;
      const { name, one, subscription } = await subscribed(context);
      const unsubscribed = next<{ code: number }>(subscription, 'unsubscribed');
      await api.result('unsubscribe', { user: name, channel: one });
      assert.equal((await unsubscribed).code, 2000);
      const again = next(subscription, 'subscribed');
      subscription.subscribe();
      await again;
    },
  },
  {
    id: 'sdk/subscription-ran-out',
    title: 'a subscription that was not refreshed is subscribed again with a new token by itself',
    config: quick,
    async run({ sdk, user, channel }) {
      const [name, one] = [user(), channel()];
      const client = sdk({ token: connectionToken(name) });
      let given = 0;
      const subscription = client.newSubscription(one, {
        getToken: async () => {
          given += 1;
          // At its end it has none, then a good one: the server has to end the subscription first.
          if (given === 2) throw new Error('no token now');
          return subscriptionToken(name, one, given === 1 ? soon(2) : {});
        },
        minResubscribeDelay: 20,
        maxResubscribeDelay: 100,
      });
      subscription.on('error', () => {});
      const subscribed = next(subscription, 'subscribed');
      subscription.subscribe();
      client.connect();
      await subscribed;
      const subscribing = next<{ code: number }>(subscription, 'subscribing');
      const again = next(subscription, 'subscribed');
      assert.equal((await subscribing).code, 2501);
      await again;
      assert.equal(client.state, 'connected');
    },
  },
  {
    id: 'sdk/close-codes',
    title: 'codes under 4500 bring the SDK back, others end it',
    async run({ sdk, user, api }) {
      for (const code of [4000, 4499, 3001]) {
        const name = user();
        const client = sdk({ token: connectionToken(name) });
        const connected = next(client, 'connected');
        client.connect();
        await connected;
        const connecting = next<{ code: number; reason: string }>(client, 'connecting');
        const back = next(client, 'connected');
        await api.result('disconnect', { user: name, disconnect: { code, reason: 'come back' } });
        assert.deepEqual(pick(await connecting), { code, reason: 'come back' });
        await back;
      }
      for (const code of [4500, 4999, 3500]) {
        const name = user();
        const client = sdk({ token: connectionToken(name) });
        const connected = next(client, 'connected');
        client.connect();
        await connected;
        const disconnected = next<{ code: number; reason: string }>(client, 'disconnected');
        await api.result('disconnect', { user: name, disconnect: { code, reason: 'stay away' } });
        assert.deepEqual(pick(await disconnected), { code, reason: 'stay away' });
      }
    },
  },
  {
    id: 'sdk/pings',
    title: 'the SDK answers pings as the server wants them',
    config: { client: { ping_interval: '2s', pong_timeout: '1s' } },
    rules: ['H7'],
    async run({ sdk, user, connect }) {
      const client = sdk({ token: connectionToken(user()) });
      const connected = next(client, 'connected');
      const ended: string[] = [];
      client.on('disconnected', () => ended.push('disconnected'));
      client.connect();
      await connected;
      client.on('connecting', () => ended.push('connecting'));
      // Another client's third ping says that this one has had two at least.
      const witness = await connect(undefined, { pongs: true });
      for (let count = 0; count < 3; count += 1) await witness.client.ping(6_000);
      assert.deepEqual(ended, []);
    },
  },
  {
    id: 'sdk/hundred-channels',
    title: 'a hundred channels in the frame of the connect are all subscribed',
    async run({ sdk, user, channel, api }) {
      const name = user();
      const client = sdk({ token: connectionToken(name) });
      const channels = Array.from({ length: 100 }, channel);
      const subscribed = channels.map((one) => {
        const subscription = client.newSubscription(one, { token: subscriptionToken(name, one) });
        const done = next(subscription, 'subscribed');
        subscription.subscribe();
        return done;
      });
      client.connect();
      await Promise.all(subscribed);
      const last = client.getSubscription(channels.at(-1) ?? '');
      assert.ok(last !== null);
      const publication = next(last, 'publication');
      await api.publish(last.channel, { n: 1 });
      assert.deepEqual(at(await publication, 'data'), { n: 1 });
    },
  },
  {
    id: 'sdk/calls',
    title: 'publish, history, presence and presence_stats of the SDK work where they are allowed',
    config: {
      channel: {
        without_namespace: {
          presence: true,
          allow_publish_for_subscriber: true,
          allow_history_for_subscriber: true,
          allow_presence_for_subscriber: true,
        },
      },
    },
    needs: ['client-publish', 'client-history', 'presence'],
    async run(context) {
      const { name, subscription, data } = await subscribed(context);
      for (const n of [1, 2, 3]) await subscription.publish({ n });
      await untilGiven(subscription, data, 3);
      const history = await subscription.history({ limit: 2, reverse: true });
      assert.deepEqual(
        history.publications.map((one) => [one.offset, one.data]),
        [
          [3, { n: 3 }],
          [2, { n: 2 }],
        ],
      );
      assert.equal(numberAt(history, 'offset'), 3);
      const { clients } = await subscription.presence();
      assert.deepEqual(
        Object.values(clients).map((member) => member.user),
        [name],
      );
      assert.deepEqual(await subscription.presenceStats(), { numClients: 1, numUsers: 1 });
    },
  },
];

function pick({ code, reason }: { code: number; reason: string }) {
  return { code, reason };
}
