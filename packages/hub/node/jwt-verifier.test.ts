import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  connectionSecret,
  connectionToken,
  inSeconds,
  signToken,
  subscriptionSecret,
  subscriptionToken,
} from '../test/live-hub.ts';
import { createJwtVerifier, type JwtVerifierOptions, type TokenRules } from './jwt-verifier.ts';
import type { TokenKeys } from './token-keys.ts';

interface More extends Omit<JwtVerifierOptions, 'connection' | 'subscription'> {
  readonly rules?: Omit<TokenRules, keyof TokenKeys>;
}

const verifier = ({ rules, ...more }: More = {}) =>
  createJwtVerifier({
    connection: { hmacSecret: connectionSecret, ...rules },
    subscription: { hmacSecret: subscriptionSecret, ...rules },
    ...more,
  });

test('[HB26] a good connection token grants user, life, session and channels', async () => {
  const exp = inSeconds(60);
  const token = connectionToken('ann', { exp, sid: 's1', channels: ['a', 'b'] });
  expect(await verifier().connection(token)).toEqual({
    ok: true,
    grant: {
      user: 'ann',
      expiresAt: exp,
      session: 's1',
      subs: new Map(['a', 'b'].map((name) => [name, {}])),
    },
  });
  expect(await verifier().connection(signToken({}, connectionSecret))).toEqual({
    ok: true,
    grant: { user: '' },
  });
});

test('[HB26] expire_at says when the connection ends, 0 never; the token is good until exp', async () => {
  const at = inSeconds(900);
  const grantOf = async (more: object) => await verifier().connection(connectionToken('ann', more));
  expect(await grantOf({ expire_at: at })).toEqual({
    ok: true,
    grant: { user: 'ann', expiresAt: at },
  });
  expect(await grantOf({ expire_at: 0 })).toEqual({ ok: true, grant: { user: 'ann' } });
  expect(await grantOf({ expire_at: inSeconds(-1) })).toMatchObject({
    ok: false,
    fault: 'ended',
    grant: { user: 'ann' },
  });
});

test('[HB26] [H10] exp must be strictly in the future, without leeway, and nbf in the past', async () => {
  const unixMs = () => 2_000_000_000_000;
  const at = (claims: object) =>
    verifier({ unixMs }).connection(signToken(claims, connectionSecret));
  expect(await at({ sub: 'ann', exp: 2_000_000_001 })).toMatchObject({ ok: true });
  const expired = { ok: false, fault: 'expired' };
  expect(await at({ sub: 'ann', exp: 2_000_000_000 })).toEqual(expired);
  expect(await at({ sub: 'ann', exp: 1_999_999_999 })).toEqual(expired);
  expect(await at({ sub: 'ann', nbf: 2_000_000_001 })).toEqual(expired);
  expect(await at({ sub: 'ann', exp: 1_999_999_999.5 })).toEqual(expired);
});

test('[HB26] audience, issuer and the host’s own condition are checked when they are given', async () => {
  const strict = verifier({
    rules: { audience: 'push', issuer: 'telex' },
    accepts: ({ use }) => use === 'push',
  });
  const good = { aud: ['x', 'push'], iss: 'telex', use: 'push' };
  expect(await strict.connection(connectionToken('ann', good))).toMatchObject({ ok: true });
  for (const wrong of [{ aud: 'x' }, { iss: 'x' }, { use: 'api' }, { aud: undefined }]) {
    const verdict = await strict.connection(connectionToken('ann', { ...good, ...wrong }));
    expect(verdict).toEqual({ ok: false, fault: 'invalid' });
  }
});

test('[HB26] tokens of another kind, algorithm, key or shape are no good', async () => {
  const claims = { sub: 'ann', channel: 'a', exp: inSeconds(60) };
  const invalid = { ok: false, fault: 'invalid' };
  const good = subscriptionToken('ann', 'a');
  const [head = '', body = '', signature = ''] = good.split('.');
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = (text: string) =>
    `${text}.${createHmac('sha256', subscriptionSecret).update(text).digest('base64url')}`;
  for (const token of [
    signToken(claims, subscriptionSecret, { alg: 'none' }),
    signToken(claims, subscriptionSecret, { alg: 'HS512' }),
    signToken(claims, subscriptionSecret, { alg: 'HS256', crit: ['b64'], b64: false }),
    signToken(claims, subscriptionSecret, { alg: 'constructor' }),
    signToken(claims, subscriptionSecret, { alg: ['HS256'] }),
    signToken(claims, subscriptionSecret, {}),
    signToken(claims, connectionSecret),
    `${head}.${body}.`,
    `${head}.${body}`,
    `${head}.${body}.${signature.slice(0, -4)}`,
    `${head}.${encoded({ ...claims, sub: 'bob' })}.${signature}`,
    signed(`${encoded([])}.${body}`),
    signed(`${head}.${encoded('text')}`),
    signed(`${head}.!!!`),
    signToken({ ...claims, exp: 'tomorrow' }, subscriptionSecret),
  ]) {
    expect(await verifier().subscription(token)).toEqual(invalid);
  }
  expect(await verifier().subscription(good)).toMatchObject({ ok: true });
  const noChannel = signToken({ sub: 'ann' }, subscriptionSecret);
  expect(await verifier().subscription(noChannel)).toEqual(invalid);
  for (const more of [
    { channel: 'a' },
    { sub: 5 },
    { channels: 'a' },
    { channels: [1] },
    { subs: [] },
    { subs: { a: [] } },
    { subs: { a: { override: { presence: true } } } },
    { subs: { a: { b64info: '!' } } },
    { b64info: Buffer.from('no json').toString('base64') },
    { b64info: 5 },
    { nbf: '1' },
    { expire_at: {} },
  ]) {
    expect(await verifier().connection(connectionToken('ann', more))).toEqual(invalid);
  }
});
