import { expect, test } from 'vitest';
import { fakeHub } from '../test/fake-hub.ts';
import { tokenText } from '../test/fake-verifier.ts';
import { errorCode } from '../test/read-sent.ts';
import type { TokenFault } from './ports.ts';

const faults: readonly TokenFault[] = ['expired', 'ended', 'unavailable', 'invalid', 'denied'];

test('[HB20] each fault of a connection token has its error or close', () => {
  const outcomes = faults.map((fault) => {
    const ann = fakeHub().open();
    ann.send({ id: 1, connect: { token: tokenText({ user: 'ann', fault }) } });
    return [fault, ann.take()[0]?.error ?? ann.close];
  });
  expect(outcomes).toEqual([
    ['expired', { code: 109, message: 'token expired' }],
    ['ended', { code: 110, message: 'expired' }],
    ['unavailable', { code: 100, message: 'internal server error', temporary: true }],
    ['invalid', { code: 3500, reason: 'invalid token' }],
    ['denied', { code: 3500, reason: 'invalid token' }],
  ]);
  const none = fakeHub().open();
  none.send({ id: 1, connect: {} });
  expect(none.close?.code).toBe(3501);
});

test('[HB21] [H10] each fault of a subscription token is that subscription’s alone', () => {
  const { client } = fakeHub();
  const ann = client();
  const codes = faults.map((fault) => {
    return errorCode(ann.subscribe('a', {}, { user: fault === 'ended' ? 'ann' : 'bob', fault }));
  });
  expect(codes).toEqual([109, 110, 100, 103, 103]);
  expect(ann.subscribe('a', { token: '' })[0]?.error).toMatchObject({ code: 103 });
  expect(ann.close).toBeUndefined();
});

test('[HB21] a subscription token of another user or channel closes 3500 and gets no reply', () => {
  for (const wrong of [{ user: 'bob' }, { channel: 'b' }, { user: '' }]) {
    const { client } = fakeHub();
    const ann = client();
    expect(ann.subscribe('a', {}, wrong)).toEqual([]);
    expect(ann.close).toEqual({ code: 3500, reason: 'invalid token' });
  }
});

test('[HB22] [H10] a connection outlives its token by 25 s, then closes 3005', () => {
  const { client, time } = fakeHub({ limits: { pingMs: 3_600_000 } });
  const ann = client('ann', { ttl: 3 });
  time.advance(27_000);
  expect(ann.close).toBeUndefined();
  time.advance(2_000);
  expect(ann.close).toEqual({ code: 3005, reason: 'connection expired' });
});

test('[HB22] a refresh prolongs the connection', () => {
  const { client, time } = fakeHub({ limits: { pingMs: 3_600_000 } });
  const ann = client('ann', { ttl: 3 });
  const refreshed = ann.ask('refresh', { token: tokenText({ user: 'ann', ttl: 100 }) });
  expect(refreshed).toEqual([{ id: 2, refresh: { expires: true, ttl: 100 } }]);
  time.advance(120_000);
  expect(ann.close).toBeUndefined();
  time.advance(10_000);
  expect(ann.close?.code).toBe(3005);
});

test('[HB22] [HB23] a refresh by a token of what is over is an error, and what there is goes on', () => {
  const { client } = fakeHub();
  const ann = client();
  ann.subscribe('x');
  const token = tokenText({ user: 'ann', channel: 'x', fault: 'ended' });
  for (const method of ['refresh', 'sub_refresh']) {
    const [reply] = ann.ask(method, { channel: 'x', token });
    expect(reply?.error).toEqual({ code: 110, message: 'expired' });
  }
  expect(ann.close).toBeUndefined();
});

test('[HB21] [HB22] [HB23] whose token it is comes before whether what it allows is over', () => {
  const { client } = fakeHub();
  const foreign = tokenText({ user: 'bob', channel: 'a', fault: 'ended' });
  for (const method of ['subscribe', 'sub_refresh', 'refresh']) {
    const ann = client();
    if (method !== 'subscribe') ann.subscribe('a');
    ann.ask(method, { channel: 'a', token: foreign });
    expect([method, ann.close?.code]).toEqual([method, 3500]);
  }
});

test('[HB22] a refresh that is no good closes with the fitting code', () => {
  const codes = [
    { user: 'ann', fault: 'expired' as const },
    { user: 'bob' },
    { user: 'ann', fault: 'invalid' as const },
    { user: 'ann', channels: ['x'] },
  ].map((token) => {
    const { client } = fakeHub();
    const ann = client();
    ann.ask('refresh', { token: tokenText(token) });
    return ann.close?.code;
  });
  expect(codes).toEqual([3005, 3500, 3500, 3010]);
  const { client, verifier } = fakeHub();
  const ann = client();
  verifier.isBroken = true;
  expect(ann.ask('refresh', { token: 'any' })[0]?.error).toMatchObject({ code: 100 });
});

test('[HB23] [H10] a subscription outlives its token by 25 s, then is ended by push 2501', () => {
  const { client, time, hub } = fakeHub({ limits: { pingMs: 3_600_000 } });
  const ann = client();
  expect(ann.subscribe('a', {}, { ttl: 3 })[0]?.subscribe).toMatchObject({ expires: true, ttl: 3 });
  time.advance(27_000);
  expect(ann.take()).toEqual([]);
  time.advance(2_000);
  expect(ann.take()).toEqual([
    { push: { channel: 'a', unsubscribe: { code: 2501, reason: 'subscription expired' } } },
  ]);
  expect(hub.stats()).toMatchObject({ subscriptions: 0, unsubscribes: { 2501: 1 } });
  expect(ann.close).toBeUndefined();
});

test('[HB23] [H10] sub_refresh: good prolongs, expired is push 2501, anybody else’s closes 3500', () => {
  const { client } = fakeHub();
  const ann = client();
  const refresh = (token: object) =>
    ann.ask('sub_refresh', {
      channel: 'a',
      token: tokenText({ user: 'ann', channel: 'a', ...token }),
    });
  expect(refresh({})[0]?.error).toMatchObject({ code: 103 });
  ann.subscribe('a', {}, { ttl: 3 });
  expect(refresh({ ttl: 50 })[0]).toMatchObject({ sub_refresh: { expires: true, ttl: 50 } });
  expect(refresh({ fault: 'unavailable' })[0]?.error).toMatchObject({ code: 100 });
  expect(refresh({ fault: 'expired' })).toEqual([
    expect.objectContaining({ sub_refresh: {} }),
    { push: { channel: 'a', unsubscribe: { code: 2501, reason: 'subscription expired' } } },
  ]);
  for (const wrong of [
    { user: 'bob' },
    { channel: 'b' },
    { client: 'other' },
    { fault: 'invalid' as const },
  ]) {
    const bad = fakeHub().client();
    bad.subscribe('a');
    const token = tokenText({ user: 'ann', channel: 'a', ...wrong });
    bad.ask('sub_refresh', { channel: 'a', token });
    expect(bad.close?.code).toBe(3500);
  }
});

test('[HB21] a token for one connection is good there alone', () => {
  const { client } = fakeHub({ clientIdOf: () => 'c1' });
  const ann = client();
  expect(ann.subscribe('a', {}, { client: 'c1' })[0]?.subscribe).toBeDefined();
  ann.subscribe('b', {}, { client: 'c2' });
  expect(ann.close?.code).toBe(3500);
});

test('[HB24] setting the wall clock expires nobody, and a ttl is never 0', () => {
  const { client, time } = fakeHub({ limits: { pingMs: 3_600_000 } });
  const ann = client('ann', { ttl: 3_600 });
  expect(ann.subscribe('a', {}, { ttl: 0.4 })[0]?.subscribe).toMatchObject({ ttl: 1 });
  time.setWallClock(100 * 3_600_000);
  time.advance(5_000);
  expect(ann.close).toBeUndefined();
});

test('[HB25] a verifier that throws or rejects is told apart from a token that is no good', async () => {
  const { open, verifier } = fakeHub();
  verifier.isBroken = true;
  const ann = open();
  ann.send({ id: 1, connect: { token: 'any' } });
  expect(ann.take()[0]?.error).toMatchObject({ code: 100, temporary: true });
  const rejecting = fakeHub({
    verifier: {
      connection: () => Promise.reject(new Error('gone')),
      subscription: () => Promise.reject(new Error('gone')),
    },
  });
  const bob = rejecting.open();
  bob.send({ id: 1, connect: { token: 'any' } });
  await new Promise((resolve) => setImmediate(resolve));
  expect(bob.take()[0]?.error).toMatchObject({ code: 100, temporary: true });
});
