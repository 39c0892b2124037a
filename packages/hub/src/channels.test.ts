import { expect, test } from 'vitest';
import { channelsWith, type FakeClient, fakeHub } from '../test/fake-hub.ts';
import { errorCode, numbers, subscribed } from '../test/read-sent.ts';
import type { ChannelOptions } from './channel-options.ts';

/** A client's subscribe without a token. */
const open = (client: FakeClient, channel: string) =>
  errorCode(client.ask('subscribe', { channel }));

test('[HB30] what stands before the colon is a namespace with options of its own', () => {
  const { hub, client } = fakeHub({
    channels: {
      withoutNamespace: { historySize: 10, historyTtlMs: 1_000, forceRecovery: true },
      namespaces: { news: {}, chat: { historySize: 1, historyTtlMs: 1_000 } },
    },
  });
  const ann = client();
  expect(subscribed(ann.subscribe('a')).epoch).toBeDefined();
  expect(ann.subscribe('news:a')).toEqual([{ id: 3, subscribe: {} }]);
  expect(subscribed(ann.subscribe('chat:a:b')).epoch).toBeUndefined();
  expect(ann.subscribe('$news:a').at(0)?.subscribe).toEqual({});
  expect(errorCode(ann.subscribe('other:a'))).toBe(102);
  expect(errorCode(ann.subscribe(':a'))).toBe(102);
  expect(errorCode(ann.subscribe('constructor:a'))).toBe(102);
  expect(hub.publish('a', '{}').offset).toBe(1);
  expect(hub.publish('news:a', '{}')).toEqual({});
  expect(hub.publish('chat:a:b', '{}').offset).toBe(1);
});

test('[HB30] with a pattern, what comes after the namespace must match it, ASCII or not', () => {
  const { client } = fakeHub({
    channels: {
      withoutNamespace: { channelRegex: '^[0-9a-f]+$' },
      namespaces: { news: { channelRegex: '^ä' } },
    },
  });
  const ann = client();
  expect(errorCode(ann.subscribe('12ab'))).toBeUndefined();
  expect(errorCode(ann.subscribe('xyz'))).toBe(107);
  expect(errorCode(ann.subscribe('news:ä'))).toBeUndefined();
  expect(errorCode(ann.subscribe('news:a'))).toBe(107);
  expect(errorCode(ann.subscribe(`news:${'ä'.repeat(126)}`))).toBe(107);
});

test('[HB30] faults are found in the order of stock Centrifugo', () => {
  const { client } = fakeHub({ limits: { channels: 2 } });
  const ann = client('ann', { channels: ['s'] });
  expect(errorCode(ann.ask('subscribe', { channel: 'other:a' }))).toBe(102);
  expect(errorCode(ann.ask('subscribe', { channel: 'ä' }))).toBe(107);
  expect(errorCode(ann.ask('subscribe', { channel: 'a' }))).toBe(103);
  ann.subscribe('a');
  expect(errorCode(ann.ask('subscribe', { channel: 'other:a' }))).toBe(106);
  expect(errorCode(ann.ask('subscribe', { channel: 'a' }))).toBe(105);
  expect(errorCode(ann.ask('subscribe', { channel: 'x'.repeat(256) }))).toBe(107);
});

test('options that contradict each other are refused when the hub is made', () => {
  for (const [options, message] of [
    [{ historySize: 1 }, /size and a time to live/],
    [{ historyTtlMs: 1 }, /size and a time to live/],
    [{ forceRecovery: true }, /size and a time to live/],
    [{ historySize: 1, historyTtlMs: 2, historyMetaTtlMs: 1 }, /lives longer than its position/],
    [{ channelRegex: '[' }, /regular expression/],
  ] as const) {
    expect(() => fakeHub({ channels: { namespaces: { news: options } } })).toThrow(message);
    expect(() => fakeHub({ channels: { namespaces: { news: options } } })).toThrow(/news/);
  }
});

test('[HB38] without a token a client subscribes where any client may, but not to a private channel', () => {
  const { client, hub } = fakeHub(channelsWith({ allowSubscribeForClient: true }));
  const ann = client();
  expect(open(ann, 'a')).toBeUndefined();
  expect(open(ann, '$a')).toBe(103);
  hub.publish('a', '{"n":1}');
  expect(numbers(ann.take())).toEqual([1]);
  expect(open(client(''), 'a')).toBe(103);
  const all = channelsWith({ allowSubscribeForClient: true, allowSubscribeForAnonymous: true });
  expect(open(fakeHub(all).client(''), 'a')).toBeUndefined();
  expect(open(fakeHub().client(), 'a')).toBe(103);
});

test('[HB38] a token is judged even where none is needed', () => {
  const ann = fakeHub(channelsWith({ allowSubscribeForClient: true })).client();
  expect(errorCode(ann.subscribe('a', {}, { fault: 'expired' }))).toBe(109);
});

test('[HB38] a channel limited to users is open to them alone, without a token', () => {
  const { client } = fakeHub(
    channelsWith({ allowUserLimitedChannels: true, allowSubscribeForClient: true }),
  );
  expect(open(client('ann'), 'room#ann')).toBeUndefined();
  expect(open(client('bob'), 'room#ann,bob')).toBeUndefined();
  expect(open(client('eve'), 'room#ann,bob')).toBe(103);
  expect(open(client('ann'), 'room#ann#bob')).toBe(103);
  expect(open(client(''), 'room#')).toBe(103);
  expect(open(fakeHub().client('ann'), 'room#ann')).toBe(103);
});

test('[HB54] a channel of connect.subs that needs no token is a server-side subscription', () => {
  const { open: connect, hub } = fakeHub(channelsWith({ allowSubscribeForClient: true }));
  const ann = connect();
  hub.publish('a', '{"n":1}');
  const subs = { a: { recover: true, offset: 0, epoch: '' }, $b: {} };
  ann.send({ id: 1, connect: { token: '{"user":"ann"}', subs } });
  const [{ connect: result } = {}] = ann.take();
  expect((result as { subs: object }).subs).toEqual({
    a: expect.objectContaining({ recovered: true, publications: [expect.anything()] }),
  });
});

const RIGHTS = [
  ['publish', { data: {} }, 'Publish'],
  ['history', { limit: 1 }, 'History'],
  ['presence', {}, 'Presence'],
  ['presence_stats', {}, 'Presence'],
] as const;
for (const [method, parameters, right] of RIGHTS) {
  test(`[HB33] ${method} is for clients, subscribers and anonymous ones, as the channel allows`, () => {
    const ask = (user: string, options: Partial<ChannelOptions>, channel = 'a') => {
      const { client } = fakeHub(channelsWith({ presence: true, ...options }));
      const one = client(user);
      one.subscribe('s', {}, { user });
      return errorCode(one.ask(method, { channel, ...parameters }));
    };
    const forClient = { [`allow${right}ForClient`]: true };
    const forSubscriber = { [`allow${right}ForSubscriber`]: true };
    const forAnonymous = { [`allow${right}ForAnonymous`]: true };
    expect(ask('ann', {}, 's')).toBe(103);
    expect(ask('ann', forAnonymous)).toBe(103);
    expect(ask('ann', forClient)).toBeUndefined();
    expect(ask('ann', forSubscriber)).toBe(103);
    expect(ask('ann', forSubscriber, 's')).toBeUndefined();
    expect(ask('', forSubscriber, 's')).toBe(103);
    expect(ask('', { ...forSubscriber, ...forAnonymous }, 's')).toBeUndefined();
    expect(ask('ann', forClient, 'other:a')).toBe(102);
    expect(ask('ann', forClient, 'x'.repeat(256))).toBe(107);
  });
}

test('[HB33] history that is not kept is 108, before anything else is looked at', () => {
  const ann = fakeHub({ channels: {} }).client();
  expect(errorCode(ann.ask('history', { channel: 'a' }))).toBe(108);
  expect(errorCode(ann.ask('presence', { channel: 'a' }))).toBe(108);
});

test('[HB39] where data must be an object, other data is 107', () => {
  const { client, hub } = fakeHub(
    channelsWith({ publicationDataFormat: 'json_object', allowPublishForClient: true }),
  );
  const ann = client();
  expect(errorCode(ann.ask('publish', { channel: 'a', data: [1] }))).toBe(107);
  expect(errorCode(ann.ask('publish', { channel: 'a', data: {} }))).toBeUndefined();
  expect(() => hub.publish('a', '1')).toThrow(/not a JSON object/);
  expect(hub.publish('a', ' {"n":1}').offset).toBe(2);
});

test('[HB48] without force_recovery a subscription has no place, unless the client may ask and does', () => {
  const rig = (options: Partial<ChannelOptions>) =>
    fakeHub(channelsWith({ forceRecovery: false, ...options }));
  const ask = (options: Partial<ChannelOptions>, more: object) => {
    const { hub, client } = rig(options);
    hub.publish('a', '{"n":1}');
    return client().subscribe('a', more)[0]?.subscribe;
  };
  const place = { positioned: true, epoch: expect.any(String), offset: 1 };
  const both = { recoverable: true, positioned: true };
  expect(ask({}, both)).toEqual({});
  expect(ask({ allowRecovery: true }, {})).toEqual({});
  expect(ask({ allowRecovery: true }, { recoverable: true })).toEqual({
    recoverable: true,
    ...place,
  });
  expect(ask({ allowPositioning: true }, both)).toEqual(place);
  expect(ask({ allowHistoryForSubscriber: true }, both)).toEqual({ recoverable: true, ...place });
  expect(ask({ forcePositioning: true }, {})).toEqual(place);
});

test('[HB48] [HB41] a subscription that is not recoverable recovers nothing, and says that it was asked to', () => {
  const { hub, client } = fakeHub(channelsWith({ forceRecovery: false, forcePositioning: true }));
  hub.publish('a', '{"n":1}');
  const since = { recover: true, epoch: '', offset: 0, flag: 2 };
  expect(client().subscribe('a', since)[0]?.subscribe).toEqual({
    positioned: true,
    epoch: expect.any(String),
    offset: 1,
    was_recovering: true,
  });
});

test('[HB48] what is published without history has no offset, and moves nobody', () => {
  const { hub, client } = fakeHub();
  const ann = client();
  ann.subscribe('a');
  expect(hub.publish('a', '{"n":1}', { skipHistory: true })).toEqual({});
  expect(ann.take()).toEqual([{ push: { channel: 'a', pub: { data: { n: 1 } } } }]);
  expect(subscribed(client().subscribe('a')).offset).toBeUndefined();
});
