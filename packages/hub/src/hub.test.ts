import { expect, test } from 'vitest';
import { channelsWith, fakeHub } from '../test/fake-hub.ts';
import { tokenText } from '../test/fake-verifier.ts';
import { numbers, subscribed } from '../test/read-sent.ts';
import type { HistoryQuery } from './history.ts';
import { HubError } from './hub-error.ts';

const logout = { code: 4501, reason: 'logged out' };

test('[HB60] disconnect closes all connections that match user and session', () => {
  const { hub, client } = fakeHub();
  const one = client('ann', { session: 's1' });
  const two = client('ann', { session: 's2' });
  const bob = client('bob', { session: 's3' });
  expect(hub.disconnect({}, logout)).toBe(0);
  expect(hub.disconnect({ user: 'bob', session: 's1' }, logout)).toBe(0);
  expect(hub.disconnect({ session: 's1' }, logout)).toBe(1);
  expect([one.close, two.close]).toEqual([logout, undefined]);
  expect(hub.disconnect({ user: 'ann' })).toBe(1);
  expect(two.close).toEqual({ code: 3503, reason: 'force disconnect' });
  expect(bob.close).toBeUndefined();
  expect(hub.stats()).toMatchObject({ connections: 1, closes: { 3503: 1, 4501: 1 } });
});

test('[HB60] [H5] a session revoked while its connect is being judged does not get in', async () => {
  const { hub, open, verifier } = fakeHub();
  verifier.hold();
  const ann = open();
  const bob = open();
  ann.send({ id: 1, connect: { token: tokenText({ user: 'ann', session: 's1' }) } });
  bob.send({ id: 1, connect: { token: tokenText({ user: 'bob', session: 's2' }) } });
  hub.disconnect({ session: 's1' }, logout);
  await verifier.release();
  expect([ann.take(), ann.close]).toEqual([[], logout]);
  expect(bob.take().length).toBe(1);
});

test('[HB60] [H9] a code or reason that clients would misread is refused', () => {
  const { hub, client } = fakeHub();
  const ann = client();
  for (const [code, reason] of [
    [4000, ''],
    [4000, '123'],
    [4500, '{"reconnect":true}'],
    [4500, 'true'],
    [4500, 'ä'.repeat(62)],
    [1000, 'bye'],
    [5000, 'bye'],
    [4000.5, 'bye'],
  ] as const) {
    expect(() => hub.disconnect({ user: 'ann' }, { code, reason })).toThrow(HubError);
  }
  expect(ann.close).toBeUndefined();
  expect(hub.disconnect({ user: 'ann' }, { code: 4999, reason: 'x'.repeat(123) })).toBe(1);
});

test('[HB61] [H11] unsubscribe drops what waits of that channel only, then says 2000', () => {
  const { hub, client } = fakeHub();
  const ann = client();
  const bob = client('bob');
  ann.subscribe('a');
  ann.subscribe('b');
  bob.subscribe('a', {}, { user: 'bob' });
  hub.publish('a', '{"n":1}');
  hub.publish('b', '{"n":2}');
  expect(hub.unsubscribe({ user: 'ann' }, 'a')).toBe(1);
  expect(() => hub.unsubscribe({ user: 'ann' }, '')).toThrow('1 to 255 bytes');
  hub.publish('a', '{"n":3}');
  const sent = ann.take();
  expect(numbers(sent)).toEqual([2]);
  expect(sent.at(-1)).toEqual({
    push: { channel: 'a', unsubscribe: { code: 2000, reason: 'server unsubscribe' } },
  });
  expect(numbers(bob.take())).toEqual([1, 3]);
  expect(hub.stats().unsubscribes).toEqual({ 2000: 1 });
});

test('[HB61] [H5] [H11] a subscribe whose token is being judged is refused when the server ends it meanwhile', async () => {
  const { hub, client, verifier } = fakeHub();
  const ann = client();
  verifier.hold();
  ann.subscribe('a');
  expect(hub.unsubscribe({ user: 'ann' }, 'a')).toBe(1);
  await verifier.release();
  expect(ann.take()).toMatchObject([
    { push: { channel: 'a', unsubscribe: { code: 2000 } } },
    { error: { code: 103 } },
  ]);
  expect(hub.stats().subscriptions).toBe(0);
});

test('[HB61] [H11] a client that is not subscribed is told too, since it may be about to', () => {
  const { hub, client } = fakeHub();
  const ann = client();
  expect(hub.unsubscribe({ user: 'ann' }, 'a')).toBe(0);
  expect(ann.take()).toMatchObject([{ push: { channel: 'a', unsubscribe: { code: 2000 } } }]);
  expect(() => hub.unsubscribe({ user: 'ann' }, 'other:a')).toThrow('unknown channel');
});

test('what is counted adds up, and a publication to nobody is still counted', () => {
  const { hub, client } = fakeHub();
  client().subscribe('a');
  client().subscribe('a');
  hub.publish('a', '{"n":1}', { tags: { kind: 'test' } });
  hub.publish('b', '{"n":1}');
  expect(hub.stats()).toMatchObject({
    connections: 2,
    subscriptions: 2,
    channels: 2,
    publications: 2,
    deliveries: 2,
    historyCharacters: 14,
  });
});

test('tags are handed on beside the data, live and in recovery', () => {
  const { hub, client } = fakeHub();
  const ann = client();
  ann.subscribe('a');
  hub.publish('a', '{"n":1}', { tags: { kind: 'x' } });
  const pub = { data: { n: 1 }, tags: { kind: 'x' }, offset: 1, epoch: expect.any(String) };
  expect(ann.take()).toEqual([{ push: { channel: 'a', pub } }]);
  const [reply] = client('ann').subscribe('a', { recover: true, offset: 0 });
  expect(reply?.subscribe).toMatchObject({ publications: [pub] });
});

test('memory is given back: a thousand clients that came and went leave nothing', () => {
  const { hub, client, time } = fakeHub(
    channelsWith({ historyTtlMs: 1_000, historyMetaTtlMs: 2_000 }),
  );
  for (let index = 0; index < 1_000; index += 1) {
    const ann = client();
    ann.subscribe(`c${index}`);
    hub.publish(`c${index}`, '{}', { idempotencyKey: `k${index}` });
    ann.connection.closed();
  }
  time.advance(310_000);
  expect(hub.stats()).toMatchObject({
    connections: 0,
    channels: 0,
    subscriptions: 0,
    historyCharacters: 0,
    idempotencyResults: 0,
  });
});

test('[HB60] [HB61] one connection is found by its id, and kept by it', () => {
  const clientIdOf = (number: number) => `c${number}`;
  const { hub, client } = fakeHub({ clientIdOf });
  const [one, two, three] = [client(), client(), client()];
  for (const each of [one, two, three]) each.subscribe('a');
  expect(hub.unsubscribe({ client: 'c2' }, 'a')).toBe(1);
  expect(hub.unsubscribe({ client: 'c2', user: 'bob' }, 'a')).toBe(0);
  expect(hub.disconnect({ user: 'ann', except: new Set(['c1']) })).toBe(2);
  expect([one.close, two.close?.code, three.close?.code]).toEqual([undefined, 3503, 3503]);
  expect(hub.disconnect({ except: new Set(['c1']) })).toBe(0);
  expect(hub.disconnect({ client: 'c1' })).toBe(1);
});

test('[HB60] an empty user means the anonymous ones', () => {
  const { hub, client } = fakeHub();
  const [ann, nobody] = [client('ann'), client('')];
  expect(hub.disconnect({ user: '' })).toBe(1);
  expect([ann.close, nobody.close?.code]).toEqual([undefined, 3503]);
});

test('[HB66] the host reads and removes history; offset and epoch stay', () => {
  const { hub, client } = fakeHub();
  const { epoch } = hub.publish('a', '{"n":12345678901234567890}', { tags: { k: 'v' } });
  hub.publish('a', '{"n":2}');
  expect(hub.history('a', { limit: -1 })).toEqual({
    publications: [
      { offset: 1, data: '{"n":12345678901234567890}', tags: { k: 'v' } },
      { offset: 2, data: '{"n":2}' },
    ],
    epoch,
    offset: 2,
  });
  const offsets = (query: HistoryQuery) =>
    hub.history('a', query).publications.map(({ offset }) => offset);
  expect(offsets({ limit: 0 })).toEqual([]);
  expect(offsets({ limit: 1 })).toEqual([1]);
  expect(offsets({ limit: 1, reverse: true })).toEqual([2]);
  expect(offsets({ limit: -1, since: { offset: 1, epoch: '' } })).toEqual([2]);
  expect(offsets({ limit: -1, since: { offset: 2, epoch: '' }, reverse: true })).toEqual([1]);
  expect(offsets({ limit: -1, since: { offset: 4, epoch: '' }, reverse: true })).toEqual([]);
  const failing = (channel: string, query: HistoryQuery) => (message: string) =>
    expect(() => hub.history(channel, query)).toThrow(message);
  failing('a', { limit: 1, since: { offset: 1, epoch: 'x' } })('unrecoverable position');
  failing('a', { limit: 1, since: { offset: 0, epoch: '' }, reverse: true })('bad request');
  failing('other:a', { limit: 1 })('unknown channel');
  failing('', { limit: 1 })('1 to 255 bytes');
  hub.removeHistory('a');
  hub.removeHistory('never');
  expect(hub.history('a', { limit: -1 })).toEqual({ publications: [], epoch, offset: 2 });
  expect(hub.history('never', { limit: -1 })).toMatchObject({ publications: [], offset: 0 });
  const late = client().subscribe('a', { recover: true, epoch, offset: 1 });
  expect(subscribed(late).recovered).toBeUndefined();
  expect(hub.stats()).toMatchObject({ historyCharacters: 0, channels: 1 });
  const off = fakeHub({ channels: {} }).hub;
  expect(() => off.history('a', { limit: 1 })).toThrow('not available');
  expect(() => off.removeHistory('a')).toThrow('not available');
});

test('[HB66] the host asks who is present and which channels somebody is in', () => {
  const { hub, client } = fakeHub(channelsWith({ presence: true }));
  client('ann').subscribe('a');
  const bob = client('bob');
  bob.subscribe('a', {}, { user: 'bob' });
  bob.subscribe('b', {}, { user: 'bob' });
  hub.publish('c', '{}');
  expect(hub.presence('a').map(({ user }) => user)).toEqual(['ann', 'bob']);
  expect(hub.presence('nobody')).toEqual([]);
  expect(() => fakeHub().hub.presence('a')).toThrow('not available');
  expect([...hub.channelNames()]).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
  expect([...hub.channelNames('*b').keys()]).toEqual(['b']);
  expect(() => hub.channelNames('[')).toThrow(HubError);
  expect(hub.stats().users).toBe(2);
});
