import type { Centrifuge, PublicationContext, SubscribedContext } from 'centrifuge';
import { expect, test } from 'vitest';
import { closeAfterEach } from './close-after-each.ts';
import { channelsWith } from './fake-hub.ts';
import {
  connectionToken,
  inSeconds,
  next,
  sdkClient,
  signToken,
  startHub,
  subscriptionSecret,
  subscriptionToken,
} from './live-hub.ts';

const { liveHub, opened } = closeAfterEach();

function client(url: string, options: Parameters<typeof sdkClient>[1]): Centrifuge {
  const sdk = sdkClient(url, options);
  opened({ close: () => sdk.disconnect() });
  return sdk;
}

interface Note {
  readonly n: number;
}

const note = (context: PublicationContext) => (context.data as Note).n;

test('a hundred channels are subscribed to in one frame, and each gets its publications', async () => {
  const { hub, url } = await liveHub();
  const sdk = client(url, { token: connectionToken('ann') });
  const channels = Array.from({ length: 100 }, (_, index) => `o${index}/ann`);
  const got = new Map<string, number>();
  const subscribed = channels.map((channel) => {
    const sub = sdk.newSubscription(channel, { token: subscriptionToken('ann', channel) });
    sub.on('publication', (context) => got.set(channel, note(context)));
    const done = next<SubscribedContext>(sub, 'subscribed');
    sub.subscribe();
    return done;
  });
  sdk.connect();
  await Promise.all(subscribed);
  const last = new Promise<void>((resolve) => {
    sdk.getSubscription('o99/ann')?.on('publication', () => resolve());
  });
  hub.broadcast(channels, '{"n":7}');
  await last;
  expect([...got.values()]).toEqual(channels.map(() => 7));
  expect(hub.stats()).toMatchObject({ connections: 1, subscriptions: 100, errors: {}, closes: {} });
});

test('after a cut the client recovers what it missed, in order and once', async () => {
  const live = await liveHub();
  const sdk = client(live.url, { token: connectionToken('ann') });
  const sub = sdk.newSubscription('o/ann', { token: subscriptionToken('ann', 'o/ann') });
  const got: number[] = [];
  sub.on('publication', (context) => got.push(note(context)));
  sub.subscribe();
  sdk.connect();
  await sub.ready();
  for (let n = 1; n <= 3; n += 1) live.hub.publish('o/ann', `{"n":${n}}`);
  await next(sub, 'publication');
  const back = next<SubscribedContext>(sub, 'subscribed');
  live.cut();
  for (let n = 4; n <= 9; n += 1) live.hub.publish('o/ann', `{"n":${n}}`);
  expect(await back).toMatchObject({ wasRecovering: true, recovered: true });
  const last = next(sub, 'publication');
  live.hub.publish('o/ann', '{"n":10}');
  await last;
  await expect.poll(() => got).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('a gap that history no longer covers is reported as not recovered, and nothing of it comes', async () => {
  const live = await liveHub(channelsWith({ historySize: 5 }));
  const sdk = client(live.url, { token: connectionToken('ann') });
  const sub = sdk.newSubscription('o/ann', { token: subscriptionToken('ann', 'o/ann') });
  const got: number[] = [];
  sub.on('publication', (context) => got.push(note(context)));
  sub.subscribe();
  sdk.connect();
  await sub.ready();
  const back = next<SubscribedContext>(sub, 'subscribed');
  live.cut();
  for (let n = 1; n <= 6; n += 1) live.hub.publish('o/ann', `{"n":${n}}`);
  const context = await back;
  expect([context.wasRecovering, context.recovered]).toEqual([true, false]);
  expect(context.streamPosition?.offset).toBe(6);
  const seventh = next(sub, 'publication');
  live.hub.publish('o/ann', '{"n":7}');
  await seventh;
  expect(got).toEqual([7]);
});

test('a hub that lost its memory has another epoch, so nothing is taken for recovered', async () => {
  const first = await startHub();
  const { port } = first;
  const sdk = client(first.url, { token: connectionToken('ann') });
  const sub = sdk.newSubscription('o/ann', { token: subscriptionToken('ann', 'o/ann') });
  sub.subscribe();
  sdk.connect();
  await sub.ready();
  first.hub.publish('o/ann', '{"n":1}');
  await next(sub, 'publication');
  const back = next<SubscribedContext>(sub, 'subscribed');
  await first.close();
  const second = await liveHub({ port });
  second.hub.publish('o/ann', '{"n":1}');
  const context = await back;
  expect([context.wasRecovering, context.recovered]).toEqual([true, false]);
});

test('connection and subscription are refreshed without a change of state', async () => {
  const { url, hub } = await liveHub();
  const asked = { connection: 0, subscription: 0 };
  const sdk = client(url, {
    token: connectionToken('ann', { exp: inSeconds(2) }),
    getToken: async () => {
      asked.connection += 1;
      return connectionToken('ann');
    },
  });
  const sub = sdk.newSubscription('o/ann', {
    token: subscriptionToken('ann', 'o/ann', { exp: inSeconds(2) }),
    getToken: async () => {
      asked.subscription += 1;
      return subscriptionToken('ann', 'o/ann');
    },
  });
  const changes: string[] = [];
  sub.subscribe();
  sdk.connect();
  await sub.ready();
  sdk.on('state', ({ newState }) => changes.push(newState));
  sub.on('state', ({ newState }) => changes.push(newState));
  await expect.poll(() => asked, { timeout: 6_000 }).toEqual({ connection: 1, subscription: 1 });
  const got = next<PublicationContext>(sub, 'publication');
  hub.publish('o/ann', '{"n":1}');
  await got;
  expect(changes).toEqual([]);
  expect(hub.stats().errors).toEqual({});
});

interface WrongToken {
  readonly what: string;
  readonly token: string;
  readonly code: number;
  readonly isFatal: boolean;
}

const wrongSubscriptionTokens: readonly WrongToken[] = [
  {
    what: 'for another user',
    token: subscriptionToken('bob', 'o/ann'),
    code: 3500,
    isFatal: true,
  },
  {
    what: 'for another channel',
    token: subscriptionToken('ann', 'o/bob'),
    code: 3500,
    isFatal: true,
  },
  {
    what: 'without a user',
    token: signToken({ channel: 'o/ann', exp: inSeconds(60) }, subscriptionSecret),
    code: 3500,
    isFatal: true,
  },
  {
    what: 'badly signed',
    token: signToken({ sub: 'ann', channel: 'o/ann', exp: inSeconds(60) }, 'another secret'),
    code: 103,
    isFatal: false,
  },
  {
    what: 'that is a connection token',
    token: connectionToken('ann'),
    code: 103,
    isFatal: false,
  },
  { what: 'that is garbage', token: 'garbage', code: 103, isFatal: false },
  {
    what: 'without a channel',
    token: signToken({ sub: 'ann', exp: inSeconds(60) }, subscriptionSecret),
    code: 103,
    isFatal: false,
  },
  {
    what: 'of algorithm none',
    token: signToken({ sub: 'ann', channel: 'o/ann' }, subscriptionSecret, { alg: 'none' }),
    code: 103,
    isFatal: false,
  },
  {
    what: 'whose subscription has ended',
    token: subscriptionToken('ann', 'o/ann', { expire_at: inSeconds(-5) }),
    code: 110,
    isFatal: false,
  },
];

for (const { what, token, code, isFatal } of wrongSubscriptionTokens) {
  test(`a subscription token ${what} ends ${isFatal ? 'the client' : 'that subscription'} with ${code}`, async () => {
    const { url, hub } = await liveHub();
    const sdk = client(url, { token: connectionToken('ann') });
    const good = sdk.newSubscription('p/ann', { token: subscriptionToken('ann', 'p/ann') });
    good.subscribe();
    sdk.connect();
    await good.ready();
    const bad = sdk.newSubscription('o/ann', { token });
    const end = next<{ code: number }>(
      isFatal ? sdk : bad,
      isFatal ? 'disconnected' : 'unsubscribed',
    );
    bad.subscribe();
    expect((await end).code).toBe(code);
    expect(good.state).toBe(isFatal ? 'subscribing' : 'subscribed');
    expect(hub.stats().connections).toBe(isFatal ? 0 : 1);
  });
}

test('an expired subscription token makes the SDK fetch another, also when it names another user', async () => {
  const { url } = await liveHub();
  const sdk = client(url, { token: connectionToken('ann') });
  for (const [channel, user] of [
    ['o/ann', 'ann'],
    ['p/ann', 'bob'],
  ] as const) {
    let asked = 0;
    const sub = sdk.newSubscription(channel, {
      token: subscriptionToken(user, channel, { exp: inSeconds(-1) }),
      minResubscribeDelay: 10,
      maxResubscribeDelay: 20,
      getToken: async () => {
        asked += 1;
        return subscriptionToken('ann', channel);
      },
    });
    sub.subscribe();
    sdk.connect();
    await sub.ready();
    expect(asked).toBe(1);
  }
});

const wrongConnectionTokens: readonly WrongToken[] = [
  {
    what: 'badly signed',
    token: signToken({ sub: 'ann', exp: inSeconds(60) }, 'another secret'),
    code: 3500,
    isFatal: true,
  },
  {
    what: 'whose user is a number',
    token: connectionToken('ann', { sub: 5 }),
    code: 3500,
    isFatal: true,
  },
  {
    what: 'that is a subscription token',
    token: subscriptionToken('ann', 'o/ann'),
    code: 3500,
    isFatal: true,
  },
  {
    what: 'that names a channel',
    token: connectionToken('ann', { channel: 'o/ann' }),
    code: 3500,
    isFatal: true,
  },
  {
    what: 'whose connection has ended',
    token: connectionToken('ann', { expire_at: inSeconds(-5) }),
    code: 110,
    isFatal: true,
  },
];

for (const { what, token, code } of wrongConnectionTokens) {
  test(`a connection token ${what} ends the client with ${code}`, async () => {
    const { url } = await liveHub();
    const sdk = client(url, { token });
    const end = next<{ code: number }>(sdk, 'disconnected');
    sdk.connect();
    expect((await end).code).toBe(code);
  });
}

test('an expired connection token makes the SDK fetch another and connect', async () => {
  const { url } = await liveHub();
  let asked = 0;
  const sdk = client(url, {
    token: connectionToken('ann', { exp: inSeconds(-1) }),
    getToken: async () => {
      asked += 1;
      return connectionToken('ann');
    },
  });
  sdk.connect();
  await sdk.ready();
  expect(asked).toBe(1);
});

test('[HB47] presence and its stats name who is subscribed', async () => {
  const { url } = await liveHub(channelsWith({ presence: true, allowPresenceForSubscriber: true }));
  const joined = ['ann', 'bob'].map((user) => {
    const sdk = client(url, { token: connectionToken(user) });
    const sub = sdk.newSubscription('o/all', { token: subscriptionToken(user, 'o/all') });
    sub.subscribe();
    sdk.connect();
    return sub;
  });
  await Promise.all(joined.map((sub) => sub.ready()));
  const { clients } = (await joined[0]?.presence()) ?? {};
  expect(
    Object.values(clients ?? {})
      .map(({ user }) => user)
      .sort(),
  ).toEqual(['ann', 'bob']);
  expect(await joined[0]?.presenceStats()).toEqual({ numClients: 2, numUsers: 2 });
});

test('[HB80] [H1] a subscriber is told of its own join and of those who come and go', async () => {
  const { url } = await liveHub(
    channelsWith({ joinLeave: true, allowPresenceForSubscriber: true, presence: true }),
  );
  const ann = client(url, { token: connectionToken('ann') });
  const token = subscriptionToken('ann', 'o/all');
  const sub = ann.newSubscription('o/all', { token, joinLeave: true });
  const told: string[] = [];
  const end = new Promise<void>((resolve) => {
    sub.on('join', ({ info }) => told.push(`${info.user} joins`));
    sub.on('leave', ({ info }) => {
      told.push(`${info.user} leaves`);
      resolve();
    });
  });
  sub.subscribe();
  ann.connect();
  await sub.ready();
  const bob = client(url, { token: connectionToken('bob') });
  const other = bob.newSubscription('o/all', { token: subscriptionToken('bob', 'o/all') });
  other.subscribe();
  bob.connect();
  await other.ready();
  bob.disconnect();
  await end;
  expect(told).toEqual(['ann joins', 'bob joins', 'bob leaves']);
});

test('[HB83] what the host subscribes a client to recovers over a cut where the client needs no token', async () => {
  const live = await liveHub(channelsWith({ allowSubscribeForClient: true }));
  const ann = client(live.url, { token: connectionToken('ann') });
  const got: number[] = [];
  ann.on('publication', (context) => got.push(note(context)));
  ann.connect();
  await ann.ready();
  const given = next<{ channel: string; recoverable: boolean }>(ann, 'subscribed');
  expect(live.hub.subscribe({ user: 'ann' }, 'o/ann')).toBe(1);
  expect(await given).toMatchObject({ channel: 'o/ann', recoverable: true });
  live.hub.publish('o/ann', '{"n":1}');
  await expect.poll(() => got).toEqual([1]);
  const again = next<{ recovered: boolean }>(ann, 'subscribed');
  live.cut();
  live.hub.publish('o/ann', '{"n":2}');
  expect(await again).toMatchObject({ recovered: true });
  await expect.poll(() => got).toEqual([1, 2]);
  const ended = next<{ channel: string }>(ann, 'unsubscribed');
  live.hub.unsubscribe({ user: 'ann' }, 'o/ann');
  expect(await ended).toMatchObject({ channel: 'o/ann' });
});

test('[HB83] what was published since a position comes after the host’s subscription, once and in order', async () => {
  const { hub, url } = await liveHub();
  const ann = client(url, { token: connectionToken('ann') });
  const got: number[] = [];
  ann.on('publication', (context) => got.push(note(context)));
  ann.connect();
  await ann.ready();
  const { epoch = '' } = hub.publish('o/ann', '{"n":1}');
  for (const n of [2, 3]) hub.publish('o/ann', `{"n":${n}}`);
  hub.subscribe({ user: 'ann' }, 'o/ann', { since: { offset: 1, epoch } });
  hub.publish('o/ann', '{"n":4}');
  await expect.poll(() => got).toEqual([2, 3, 4]);
});
