import { expect, test } from 'vitest';
import { fakeHub } from '../test/fake-hub.ts';
import { type TokenText, tokenText } from '../test/fake-verifier.ts';
import { numbers } from '../test/read-sent.ts';

/** A client that connects with these `subs`; its messages are kept as they were. */
function connect(subs: object, token: TokenText = {}, hub = fakeHub()) {
  const ann = hub.open();
  ann.send({ id: 1, connect: { token: tokenText({ user: 'ann', ...token }), subs } });
  const messages = [...ann.socket.messages];
  return { ...hub, ann, messages, sent: ann.take() };
}

const sub = (channel: string, more: TokenText = {}) => ({
  token: tokenText({ user: 'ann', channel, ...more }),
});

test('[HB50] a good token in connect.subs subscribes in the same frame', () => {
  const { hub, ann, sent } = connect({ 'o/ann': sub('o/ann') });
  expect(sent).toEqual([
    {
      id: 1,
      connect: expect.objectContaining({
        subs: {
          'o/ann': { recoverable: true, positioned: true, epoch: expect.any(String) },
        },
      }),
    },
  ]);
  hub.publish('o/ann', '{"n":1}');
  expect(numbers(ann.take())).toEqual([1]);
});

test('[HB50] such a subscription recovers from the position it names', () => {
  const rig = fakeHub();
  for (let n = 1; n <= 4; n += 1) rig.hub.publish('a', `{"n":${n}}`);
  const { sent } = connect({ a: { ...sub('a'), recover: true, epoch: '', offset: 2 } }, {}, rig);
  expect(sent[0]?.connect).toMatchObject({
    subs: { a: { recovered: true, was_recovering: true, offset: 2, publications: [{}, {}] } },
  });
});

test('[HB51] such a connection is sent one object a message', () => {
  const { hub, ann, time } = connect({ a: sub('a'), b: sub('b', { fault: 'expired' }) });
  for (let n = 1; n <= 3; n += 1) hub.publish('a', `{"n":${n}}`);
  time.settle();
  ann.send({ id: 2, rpc: {} }, { id: 3, rpc: {} });
  expect(ann.socket.messages.length).toBe(5);
  for (const message of ann.socket.messages) expect(message).not.toContain('\n');
});

test('[HB52] a bad token is left out and reported alone, after the reply, with its reason', () => {
  const { sent, messages, ann, hub } = connect({
    good: sub('good'),
    late: sub('late', { fault: 'expired' }),
    foreign: sub('foreign', { user: 'bob' }),
    other: sub('good'),
    forged: sub('forged', { fault: 'invalid' }),
    garbage: { token: 'garbage' },
    number: { token: 5 },
    'news:x': sub('news:x'),
  });
  const subs = (sent[0]?.connect as { subs: object } | undefined)?.subs ?? {};
  expect(Object.keys(subs)).toEqual(['good']);
  const reasons = sent.slice(1).map(({ push }) => {
    const { channel, unsubscribe } = push as {
      channel: string;
      unsubscribe: { code: number; reason: string };
    };
    expect(unsubscribe.code).toBe(2000);
    return [channel, unsubscribe.reason];
  });
  expect(reasons).toEqual([
    ['late', 'token expired'],
    ['foreign', 'permission denied'],
    ['other', 'permission denied'],
    ['forged', 'permission denied'],
    ['garbage', 'permission denied'],
    ['number', 'permission denied'],
    ['news:x', 'unknown channel'],
  ]);
  expect(messages.length).toBe(8);
  expect(ann.close).toBeUndefined();
  expect(hub.stats().subscriptions).toBe(1);
});

test('[HB52] tokens beyond the channel limit are not even looked at', () => {
  const channels = Array.from({ length: 200 }, (_, index) => `c${index}`);
  const subs = Object.fromEntries(channels.map((channel) => [channel, sub(channel)]));
  const { hub, verifier, sent } = connect(subs);
  expect(hub.stats()).toMatchObject({ subscriptions: 128, unsubscribes: { 2000: 72 } });
  expect(verifier.judged).toBe(129);
  expect(JSON.stringify(sent.at(-1))).toContain('limit exceeded');
});

test('[HB53] a channel of the claim and of subs is one server-side subscription, whatever its token', () => {
  const { hub, ann, sent } = connect({ a: sub('a', { fault: 'invalid' }) }, { channels: ['a'] });
  expect(sent.length).toBe(1);
  expect(hub.stats().subscriptions).toBe(1);
  hub.publish('a', '{"n":1}');
  expect(numbers(ann.take())).toEqual([1]);
});

test('[HB54] without a token a channel is ignored, and one that names a namespace closes 3501', () => {
  const { sent, hub } = connect({ a: { recover: true, offset: 3 } });
  expect(sent.length).toBe(1);
  expect(hub.stats().subscriptions).toBe(0);
  expect(connect({ 'news:a': {} }).ann.close?.code).toBe(3501);
});

test('[HB50] [HB23] such a subscription ends with its token, and the connection goes on', () => {
  const { ann, time } = connect(
    { a: sub('a', { ttl: 2 }), b: sub('b') },
    {},
    fakeHub({ limits: { pingMs: 3_600_000 } }),
  );
  time.advance(30_000);
  expect(ann.take()).toEqual([
    { push: { channel: 'a', unsubscribe: { code: 2501, reason: 'subscription expired' } } },
  ]);
  expect(ann.close).toBeUndefined();
});

test('[HB52] a connect whose own token is bad subscribes to nothing', () => {
  const { sent, hub } = connect({ a: sub('a') }, { fault: 'expired' });
  expect(sent[0]?.error).toMatchObject({ code: 109 });
  expect(hub.stats().subscriptions).toBe(0);
});
