import { chooseSeed, seededRandom } from '@telex/testkit';
import { jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createJwts, type TokenUse } from './jwt.ts';
import { KeyRing } from './key-ring.ts';
import { newSigningKeys } from './signing-keys.ts';

const NOW_MS = 1_800_000_000_000;
const NOW_S = NOW_MS / 1000;
const current = newSigningKeys();
const ring = new KeyRing({ current, previous: [] });
const keys = {
  access: Uint8Array.from(Buffer.from(current.access, 'base64url')),
  connection: new TextEncoder().encode(current.connection),
  subscription: new TextEncoder().encode(current.subscription),
};
const jwts = createJwts(ring, () => NOW_MS);
const claims = { userId: 'u', sessionId: 's' };
const uses: TokenUse[] = ['access', 'notification', 'connection', 'subscription'];
const currentDate = new Date(NOW_MS);

describe('a token of ours', () => {
  it('is what jose takes for a token with the same key, and with no other', async () => {
    const channels = ['o/u', 'ö/"'];
    const token = jwts.mint('connection', { ...claims, channels }, NOW_S + 60);
    const { payload, protectedHeader } = await jwtVerify(token, keys.connection, { currentDate });
    expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(payload).toEqual({
      sub: 'u',
      sid: 's',
      use: 'connection',
      iat: NOW_S,
      exp: NOW_S + 60,
      channels,
    });
    await expect(jwtVerify(token, keys.access, { currentDate })).rejects.toThrow('signature');
  });

  it('for the push server says for whom and from whom, where that is wanted', async () => {
    const asked = createJwts(ring, () => NOW_MS, { audience: 'push', issuer: 'telex' });
    for (const use of uses) {
      const token = asked.mint(use, claims, NOW_S + 60);
      const secret =
        use === 'access'
          ? keys.access
          : use === 'subscription'
            ? keys.subscription
            : keys.connection;
      const { payload } = await jwtVerify(token, secret, { currentDate });
      const expected = use === 'access' ? [undefined, undefined] : ['push', 'telex'];
      expect([payload.aud, payload.iss]).toEqual(expected);
      expect(asked.verify(use, token).ok).toBe(true);
    }
  });

  it('opens nothing but what it is for', () => {
    for (const use of uses) {
      const token = jwts.mint(use, claims, NOW_S + 60);
      expect(uses.filter((other) => jwts.verify(other, token).ok)).toEqual([use]);
    }
  });

  it('has expired in the second it names', () => {
    expect(jwts.verify('access', jwts.mint('access', claims, NOW_S + 1)).ok).toBe(true);
    expect(jwts.verify('access', jwts.mint('access', claims, NOW_S))).toEqual({
      ok: false,
      code: 'token_expired',
    });
  });
});

describe('a token of keys before the present ones', () => {
  const old = newSigningKeys();
  const before = createJwts(new KeyRing({ current: old, previous: [] }), () => NOW_MS);
  const ends = { tokensUntilMs: NOW_MS + 1000, refreshUntilMs: NOW_MS };
  const turned = new KeyRing({ current, previous: [{ keys: old, ...ends }] });

  it('counts until their end, in each of its uses', () => {
    for (const use of uses) {
      const token = before.mint(use, claims, NOW_S + 60);
      const at = (nowMs: number) => createJwts(turned, () => nowMs).verify(use, token).ok;
      expect([at(NOW_MS + 999), at(NOW_MS + 1000)]).toEqual([true, false]);
      expect(jwts.verify(use, token).ok).toBe(false);
    }
  });
});

describe('a token of somebody else', () => {
  const sign = (payload: object, alg = 'HS256', secret = keys.access) =>
    new SignJWT({ ...payload }).setProtectedHeader({ alg, typ: 'JWT' }).sign(secret);
  const whole = { sub: 'u', sid: 's', use: 'access', exp: NOW_S + 60 };

  it('made by jose with our key is read the same', async () => {
    expect(jwts.verify('access', await sign(whole))).toEqual({
      ok: true,
      token: { userId: 'u', sessionId: 's', expiresAtS: NOW_S + 60 },
    });
  });

  it.each([
    ['without a user', { ...whole, sub: undefined }, 'HS256'],
    ['without a session', { ...whole, sid: undefined }, 'HS256'],
    ['without an end', { ...whole, exp: undefined }, 'HS256'],
    ['with a user that is a number', { ...whole, sub: 7 }, 'HS256'],
    ['of another algorithm', whole, 'HS512'],
  ])('%s is refused', async (_what, payload, alg) => {
    const secret =
      alg === 'HS512' ? Uint8Array.from([...keys.access, ...keys.access]) : keys.access;
    const token = await sign(JSON.parse(JSON.stringify(payload)), alg, secret);
    expect(jwts.verify('access', token)).toEqual({ ok: false, code: 'token_invalid' });
  });

  it('with any one character changed is refused', () => {
    const seed = chooseSeed();
    const random = seededRandom(seed);
    const token = jwts.mint('access', claims, NOW_S + 60);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.';
    for (let round = 0; round < 2000; round += 1) {
      // The last character of a signature has two bits that mean nothing.
      const at = Math.floor(random() * (token.length - 1));
      const other = alphabet[Math.floor(random() * alphabet.length)] ?? '.';
      if (token[at] === other) continue;
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      expect(jwts.verify('access', changed).ok, `seed ${seed}, ${at}, ${other}`).toBe(false);
    }
  });
});
