/** The outcome tables of Centrifugo's tokens (centrifugo.md §5), line by line, with real tokens on a hub of fake time. */
import { expect, test } from 'vitest';
import { createJwtVerifier, type TokenRules } from '../node/index.ts';
import { type FakeClient, type FakeHub, fakeHub } from './fake-hub.ts';
import { connectionSecret, signToken, subscriptionSecret } from './live-hub.ts';
import { errorCode } from './read-sent.ts';

const rules = { audience: 'push', issuer: 'telex' };
const good = { sub: 'ann', aud: 'push', iss: 'telex' };

/** With keys of its own for subscription tokens. */
function hubWith(subscription: TokenRules = { hmacSecret: subscriptionSecret, ...rules }): FakeHub {
  const fake: FakeHub = fakeHub({
    verifier: createJwtVerifier({
      connection: { hmacSecret: connectionSecret, ...rules },
      subscription,
      unixMs: () => fake.time.unixMs(),
    }),
  });
  return fake;
}

/** What becomes of a connect: the error's code, the close code, or 0. */
function connectOutcome(fake: FakeHub, token: string): number {
  const ann = fake.open();
  ann.send({ id: 1, connect: { token } });
  return errorCode(ann.take()) ?? ann.close?.code ?? 0;
}

type Outcome = { readonly error?: number; readonly close?: number };

/** What becomes of a subscribe to `a` by ann. */
function subscribeOutcome(ann: FakeClient, token: string): Outcome {
  const error = errorCode(ann.ask('subscribe', { channel: 'a', token }));
  const close = ann.close?.code;
  return {
    ...(error === undefined ? {} : { error }),
    ...(close === undefined ? {} : { close }),
  };
}

const at = (fake: FakeHub, seconds: number) => Math.floor(fake.time.unixMs() / 1000) + seconds;

const connectRows: readonly (readonly [what: string, claims: object, outcome: number])[] = [
  ['a good one', {}, 0],
  ['one that ends later', { exp: 60 }, 0],
  ['expired', { exp: -1 }, 109],
  ['expired this second', { exp: 0 }, 109],
  ['nbf in the future', { nbf: 60 }, 109],
  ['expire_at in the past', { exp: 60, expire_at: -1 }, 110],
  ['expire_at 0, which is never', { exp: 60, expire_at: 'never' }, 0],
  ['sub a number', { sub: 5 }, 3500],
  ['channel claim', { channel: 'a' }, 3500],
  ['channel claim and expired', { channel: 'a', exp: -1 }, 3500],
  ['aud missing', { aud: undefined }, 3500],
  ['iss missing', { iss: undefined }, 3500],
  ['another aud', { aud: ['api', 'web'] }, 3500],
  ['aud among others', { aud: ['api', 'push'] }, 0],
  ['expired and another aud', { aud: 'api', exp: -1 }, 3500],
  ['empty sub', { sub: '' }, 0],
  ['no sub', { sub: undefined }, 0],
  ['channels that name an unknown namespace', { channels: ['a', 'news:a'] }, 102],
  ['subs that name an unknown namespace', { subs: { 'news:a': {} } }, 102],
];

test.each(connectRows)(
  '[HB20] [HB26] a connection token, %s: %o ends in %i',
  (_what, claims, outcome) => {
    const fake = hubWith();
    const token = signToken({ ...good, ...inTime(fake, claims) }, connectionSecret);
    expect(connectOutcome(fake, token)).toBe(outcome);
  },
);

test('[HB20] [HB26] a connection token that is badly signed, garbage or missing', () => {
  const fake = hubWith();
  expect(connectOutcome(fake, signToken(good, 'another secret'))).toBe(3500);
  expect(connectOutcome(fake, signToken(good, subscriptionSecret))).toBe(3500);
  expect(connectOutcome(fake, signToken(good, connectionSecret, { alg: 'none' }))).toBe(3500);
  expect(connectOutcome(fake, 'garbage')).toBe(3500);
  expect(connectOutcome(fake, '')).toBe(3501);
});

const subscribeRows: readonly (readonly [what: string, claims: object, outcome: Outcome])[] = [
  ['a good one', {}, {}],
  ['another user', { sub: 'bob' }, { close: 3500 }],
  ['another channel', { channel: 'b' }, { close: 3500 }],
  ['no sub', { sub: undefined }, { close: 3500 }],
  ['no channel claim', { channel: undefined }, { error: 103 }],
  ['sub a number', { sub: 5 }, { error: 103 }],
  ['another aud', { aud: 'x' }, { error: 103 }],
  ['another iss', { iss: 'x' }, { error: 103 }],
  ['expired', { exp: -1 }, { error: 109 }],
  ['expired and another user', { exp: -1, sub: 'bob' }, { error: 109 }],
  ['expired and no channel', { exp: -1, channel: undefined }, { error: 109 }],
  ['nbf in the future', { nbf: 60 }, { error: 109 }],
  ['expire_at in the past', { exp: 60, expire_at: -1 }, { error: 110 }],
];

test.each(subscribeRows)(
  '[HB21] [HB26] a subscription token, %s: %o ends in %o',
  (_what, claims, outcome) => {
    const fake = hubWith();
    const ann = connected(fake);
    const token = signToken({ ...good, channel: 'a', ...inTime(fake, claims) }, subscriptionSecret);
    expect(subscribeOutcome(ann, token)).toEqual(outcome);
  },
);

test('[HB21] [HB26] a subscription token that is badly signed, of the other key, garbage or missing', () => {
  const fake = hubWith();
  const ann = connected(fake);
  const claims = { ...good, channel: 'a' };
  for (const token of [
    signToken(claims, 'another secret'),
    signToken(claims, connectionSecret),
    signToken(claims, subscriptionSecret, { alg: 'none' }),
    'garbage',
    '',
  ]) {
    expect(subscribeOutcome(ann, token)).toEqual({ error: 103 });
  }
});

test('[HB26] the two kinds can’t be swapped, even under one key', () => {
  const fake = hubWith({ hmacSecret: connectionSecret, ...rules });
  const ann = connected(fake);
  expect(connectOutcome(fake, signToken({ ...good, channel: 'a' }, connectionSecret))).toBe(3500);
  expect(subscribeOutcome(ann, signToken(good, connectionSecret))).toEqual({ error: 103 });
  const subscription = signToken({ ...good, channel: 'a' }, connectionSecret);
  expect(subscribeOutcome(ann, subscription)).toEqual({});
});

function connected(fake: FakeHub): FakeClient {
  const ann = fake.open();
  ann.send({ id: 1, connect: { token: signToken(good, connectionSecret) } });
  expect(errorCode(ann.take())).toBeUndefined();
  return ann;
}

/** Times of the claims are seconds from now. */
function inTime(fake: FakeHub, claims: object): object {
  return Object.fromEntries(
    Object.entries(claims).map(([name, value]) => {
      if (value === 'never') return [name, 0];
      return [name, ['exp', 'nbf', 'expire_at'].includes(name) ? at(fake, Number(value)) : value];
    }),
  );
}
