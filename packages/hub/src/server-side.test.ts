import { expect, test } from 'vitest';
import { channelsWith, fakeHub } from '../test/fake-hub.ts';
import { tokenText } from '../test/fake-verifier.ts';
import { errorCode, numbers } from '../test/read-sent.ts';

const QUIET = { limits: { pingMs: 3_600_000 } };

test('[HB83] the host subscribes connections, with a push that says where they stand', () => {
  const { hub, client } = fakeHub();
  const [ann, bob] = [client('ann'), client('bob')];
  const { epoch } = hub.publish('a', '{"n":1}');
  expect(hub.subscribe({ user: 'ann' }, 'a', { data: '{"d":1}', info: '"i"' })).toBe(1);
  expect(ann.take()).toEqual([
    {
      push: {
        channel: 'a',
        subscribe: { recoverable: true, positioned: true, epoch, offset: 1, data: { d: 1 } },
      },
    },
  ]);
  hub.publish('a', '{"n":2}');
  expect(numbers(ann.take())).toEqual([2]);
  expect(bob.take()).toEqual([]);
  expect(errorCode(ann.subscribe('a'))).toBe(105);
  expect(hub.subscribe({ user: 'nobody' }, 'a')).toBe(0);
  expect(() => hub.subscribe({ user: 'ann' }, 'other:a')).toThrow('unknown channel');
});

test('[HB83] [HB61] such a subscription ends as any other, and can be given again', () => {
  const { hub, client } = fakeHub();
  const ann = client('ann');
  hub.subscribe({ user: 'ann' }, 'a');
  ann.take();
  expect(hub.unsubscribe({ user: 'ann' }, 'a')).toBe(1);
  expect(ann.take()).toMatchObject([{ push: { unsubscribe: { code: 2000 } } }]);
  expect(hub.subscribe({ user: 'ann' }, 'a')).toBe(1);
  expect(hub.subscribe({ user: 'ann' }, 'a')).toBe(1);
  expect(hub.stats().subscriptions).toBe(1);
  expect(ann.take().length).toBe(2);
});

test('[HB83] what was published since comes after the push, or nothing where it is not there', () => {
  const { hub, client } = fakeHub();
  const ann = client('ann');
  const { epoch = '' } = hub.publish('a', '{"n":1}');
  for (const n of [2, 3]) hub.publish('a', `{"n":${n}}`);
  hub.subscribe({ user: 'ann' }, 'a', { since: { offset: 1, epoch } });
  const sent = ann.take();
  expect(sent[0]?.push).toMatchObject({ subscribe: { offset: 1, epoch } });
  expect(numbers(sent)).toEqual([2, 3]);
  const bob = client('bob');
  hub.subscribe({ user: 'bob' }, 'a', { since: { offset: 1, epoch: 'other' } });
  expect(bob.take()).toMatchObject([{ push: { subscribe: { offset: 3 } } }]);
});

test("[HB83] a subscription that the client asked for stays the client's", async () => {
  const { hub, client, verifier } = fakeHub();
  const ann = client('ann');
  ann.subscribe('a');
  expect(hub.subscribe({ user: 'ann' }, 'a')).toBe(0);
  expect(ann.take()).toEqual([]);
  verifier.hold();
  ann.subscribe('b');
  expect(hub.subscribe({ user: 'ann' }, 'b')).toBe(1);
  await verifier.release();
  expect(ann.take().map(({ error }) => (error as { code: number } | undefined)?.code)).toEqual([
    undefined,
    105,
  ]);
  expect(hub.stats().subscriptions).toBe(2);
});

test('[HB83] one subscription over the limit closes 3505', () => {
  const { hub, client } = fakeHub({ limits: { channels: 1 } });
  const ann = client('ann');
  ann.subscribe('a');
  expect(hub.subscribe({ user: 'ann' }, 'b')).toBe(0);
  expect(ann.close?.code).toBe(3505);
});

test('[HB23] [H10] what the server gave for a time closes 3006 when it is over, unless it is given anew', () => {
  const { hub, client, time } = fakeHub(QUIET);
  const [ann, bob] = [client('ann'), client('bob')];
  const inSeconds = (seconds: number) => time.unixMs() / 1000 + seconds;
  hub.subscribe({ user: 'ann' }, 'a', { expiresAt: inSeconds(10) });
  hub.subscribe({ user: 'bob' }, 'a', { expiresAt: inSeconds(10) });
  hub.subscribe({ user: 'bob' }, 'a', { expiresAt: inSeconds(1_000) });
  time.advance(34_000);
  expect(ann.close).toBeUndefined();
  time.advance(2_000);
  expect(ann.close).toEqual({ code: 3006, reason: 'subscription expired' });
  expect(bob.close).toBeUndefined();
  expect(() => hub.subscribe({ user: 'bob' }, 'b', { expiresAt: inSeconds(0) })).toThrow('over');
});

test('[HB23] a client that wants to refresh what the server gave closes 3501', () => {
  const ann = fakeHub().client('ann', { channels: ['a'] });
  ann.ask('sub_refresh', { channel: 'a', token: tokenText({ user: 'ann', channel: 'a' }) });
  expect(ann.close?.code).toBe(3501);
});

test('[HB84] the host prolongs connections and changes what others learn of them', () => {
  const { hub, client, time } = fakeHub({ ...QUIET, ...channelsWith({ presence: true }) });
  const ann = client('ann', { ttl: 10 });
  ann.subscribe('a');
  const later = time.unixMs() / 1000 + 600;
  expect(hub.refresh({ user: 'ann' }, { expiresAt: later, info: '{"new":1}' })).toBe(1);
  expect(ann.take()).toEqual([{ push: { refresh: { expires: true, ttl: 600 } } }]);
  expect(hub.presence('a')[0]?.connInfo).toBe('{"new":1}');
  time.advance(60_000);
  expect(ann.close).toBeUndefined();
  expect(hub.refresh({ user: 'ann' }, { expiresAt: 0 })).toBe(1);
  expect(ann.take()).toEqual([{ push: { refresh: {} } }]);
  expect(hub.presence('a')[0]?.connInfo).toBe('{"new":1}');
  time.advance(1_700_000);
  expect(ann.close).toBeUndefined();
});

test('[HB84] a connection that the host lets expire is closed 3005, one that is connecting too', async () => {
  const { hub, client, open, verifier, time } = fakeHub();
  const [ann, bob, cid] = [client('ann'), client('bob'), open()];
  expect(hub.refresh({ user: 'ann' }, { expired: true })).toBe(1);
  expect(ann.close).toEqual({ code: 3005, reason: 'connection expired' });
  expect(hub.refresh({ user: 'bob' }, { expiresAt: time.unixMs() / 1000 })).toBe(1);
  expect(bob.close?.code).toBe(3005);
  verifier.hold();
  cid.send({ id: 1, connect: { token: tokenText({ user: 'cid' }) } });
  hub.refresh({ user: 'cid' }, { expired: true });
  await verifier.release();
  expect(cid.close?.code).toBe(3005);
});

test('[HB29] a user has so many connections at once, and may have another when one is gone', () => {
  const { client, open } = fakeHub({ limits: { userConnections: 2 } });
  const first = client('ann');
  client('ann');
  const third = open();
  third.send({ id: 1, connect: { token: tokenText({ user: 'ann' }) } });
  expect([third.take(), third.close]).toEqual([[], { code: 3504, reason: 'connection limit' }]);
  client('bob');
  for (let n = 0; n < 5; n += 1) expect(client('').close).toBeUndefined();
  first.connection.closed();
  expect(client('ann').close).toBeUndefined();
  expect(client('ann').close?.code).toBe(3504);
});
