import { createHmac } from 'node:crypto';
import { exportPKCS8, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { inSeconds, signToken } from '../test/live-hub.ts';
import { createJwtVerifier } from './jwt-verifier.ts';
import { TokenKeyError } from './token-key-error.ts';
import type { TokenKeys } from './token-keys.ts';

const HMAC = ['HS256', 'HS384', 'HS512'];
const RSA = ['RS256', 'RS384', 'RS512'];
const EC = ['ES256', 'ES384', 'ES512'];
const ALL = [...HMAC, ...RSA, ...EC, 'EdDSA'];
const secret = 'a secret that is long enough for every one of the three hashes: 64 B';

/** The option that holds this algorithm's key, the key, and a way to sign with it, all by jose. */
async function jose(algorithm: string) {
  const sign = (key: Parameters<SignJWT['sign']>[0], claims: object = {}) =>
    new SignJWT({ ...claims })
      .setSubject('ann')
      .setExpirationTime('1h')
      .setProtectedHeader({ alg: algorithm })
      .sign(key);
  if (HMAC.includes(algorithm)) {
    const bytes = new TextEncoder().encode(secret);
    return {
      keys: { hmacSecret: secret },
      pem: '',
      sign: (claims?: object) => sign(bytes, claims),
    };
  }
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const pem = await exportSPKI(publicKey);
  const option = RSA.includes(algorithm)
    ? 'rsaPublicKey'
    : EC.includes(algorithm)
      ? 'ecdsaPublicKey'
      : 'ed25519PublicKey';
  return {
    keys: { [option]: pem },
    pem,
    privatePem: await exportPKCS8(privateKey),
    sign: (claims?: object) => sign(privateKey, claims),
  };
}

const verdict = (keys: TokenKeys, token: string, unixMs = Date.now) =>
  createJwtVerifier({ connection: keys, unixMs }).connection(token);
const good = { ok: true, grant: { user: 'ann', expiresAt: expect.any(Number) } };
const invalid = { ok: false, fault: 'invalid' };

describe.each(ALL)('%s', (algorithm) => {
  test('[HB26] [HB90] what jose has signed is taken at once, with this key and no other', async () => {
    const one = await jose(algorithm);
    const token = await one.sign();
    expect(verdict(one.keys, token)).toEqual(good);
    const [head, body, signature] = token.split('.');
    const other = (await one.sign({ sub: 'bob', n: 1 })).split('.');
    for (const bad of [
      `${head}.${other[1]}.${signature}`,
      `${head}.${body}.${other[2]}`,
      `${head}.${body}.`,
      `${head}.${body}.${signature?.slice(4)}`,
      `${head}.${body}.AAAA${signature}`,
    ]) {
      expect(verdict(one.keys, bad)).toEqual(invalid);
    }
    expect(verdict({}, token)).toEqual(invalid);
    const stranger = HMAC.includes(algorithm)
      ? { hmacSecret: `${secret}!` }
      : (await jose(algorithm)).keys;
    expect(verdict(stranger, token)).toEqual(invalid);
  });
});

test('[HB90] a token does not choose what its key is used for', async () => {
  const claims = { sub: 'ann', exp: inSeconds(60) };
  for (const algorithm of ['RS256', 'ES256', 'EdDSA']) {
    const { keys, pem } = await jose(algorithm);
    // The text of a public key, which anybody has, as the secret of an HMAC.
    for (const hmac of HMAC) {
      for (const text of [pem, pem.trim(), pem.replace(/-----[^-]+-----|\n/g, '')]) {
        const head = Buffer.from(`{"alg":"${hmac}"}`).toString('base64url');
        const signed = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
        const hash = hmac.replace('HS', 'sha');
        const forged = `${signed}.${createHmac(hash, text).update(signed).digest('base64url')}`;
        expect(verdict(keys, forged)).toEqual(invalid);
        expect(verdict({ ...keys, hmacSecret: secret }, forged)).toEqual(invalid);
      }
    }
    for (const alg of ['none', 'None', '', undefined, 'PS256', 'ES256K', '__proto__']) {
      expect(verdict(keys, signToken(claims, pem, { alg }))).toEqual(invalid);
    }
    const unsigned = signToken(claims, pem, { alg: 'none' }).split('.').slice(0, 2).join('.');
    expect(verdict(keys, `${unsigned}.`)).toEqual(invalid);
  }
});

test('[HB90] a key of one curve takes no token of another, and all kinds of key stand side by side', async () => {
  const all = await Promise.all(['HS384', 'RS256', 'ES384', 'EdDSA'].map(jose));
  const keys: TokenKeys = Object.assign({}, ...all.map((one) => one.keys));
  for (const one of all) expect(verdict(keys, await one.sign())).toEqual(good);
  expect(verdict(keys, await (await jose('ES256')).sign())).toEqual(invalid);
});

test('[HB90] the secret before the present one counts until its end', () => {
  const nowS = 1_900_000_000;
  const token = (key: string) => signToken({ sub: 'ann', exp: nowS + 60 }, key);
  const at = (validUntil: number | undefined, ms: number, key: string) =>
    verdict(
      {
        hmacSecret: 'new',
        hmacPreviousSecret: 'old',
        ...(validUntil === undefined ? {} : { hmacPreviousSecretValidUntil: validUntil }),
      },
      token(key),
      () => ms,
    );
  const nowMs = nowS * 1000;
  expect(at(undefined, nowMs, 'old')).toEqual(good);
  expect(at(0, nowMs, 'old')).toEqual(good);
  expect(at(nowS, nowMs + 999, 'old')).toEqual(good);
  expect(at(nowS - 1, nowMs, 'old')).toEqual(invalid);
  expect(at(nowS - 1, nowMs, 'new')).toEqual(good);
  expect(at(0, nowMs, 'older')).toEqual(invalid);
});

test('[HB90] the keys of subscription tokens are their own when they are given, none when none is', () => {
  const claims = { sub: 'ann', channel: 'a' };
  const subscription = (keys: TokenKeys | undefined, secretOf: string) =>
    createJwtVerifier({
      connection: { hmacSecret: 'one' },
      ...(keys === undefined ? {} : { subscription: keys }),
    }).subscription(signToken(claims, secretOf));
  expect(subscription(undefined, 'one')).toMatchObject({ ok: true });
  expect(subscription({ hmacSecret: 'two' }, 'two')).toMatchObject({ ok: true });
  expect(subscription({ hmacSecret: 'two' }, 'one')).toEqual(invalid);
  expect(subscription({}, 'one')).toEqual(invalid);
});

test('[HB90] a key that can’t be used is refused by the name of its option, without showing it', async () => {
  const rsa = await jose('RS256');
  const ed = await jose('EdDSA');
  const wrong: readonly (readonly [TokenKeys, string])[] = [
    [{ hmacSecret: '' }, 'empty_secret'],
    [{ hmacPreviousSecret: new Uint8Array() }, 'empty_secret'],
    [{ rsaPublicKey: 'c2VjcmV0' }, 'no_public_key'],
    [{ rsaPublicKey: rsa.privatePem ?? '' }, 'private_key'],
    [{ ecdsaPublicKey: rsa.pem }, 'wrong_kind_of_key'],
    [{ rsaPublicKey: ed.pem }, 'wrong_kind_of_key'],
    [{ jwks: { endpoint: 'file:///etc/passwd' } }, 'bad_endpoint'],
    [{ jwks: { endpoint: 'nowhere' } }, 'bad_endpoint'],
    [{ jwks: { endpoint: 'http://127.0.0.1/{{tenant}}/keys' } }, 'bad_endpoint'],
  ];
  for (const [keys, code] of wrong) {
    const [option = ''] = Object.keys(keys);
    const error = thrown(() => createJwtVerifier({ connection: keys }));
    expect(error).toMatchObject({ code });
    expect(error?.message).toMatch(new RegExp(`^${option}`));
    expect(error?.message).not.toContain('c2VjcmV0');
  }
});

test('[HB90] signatures are skipped only when that is asked for', () => {
  const token = signToken({ sub: 'ann', exp: inSeconds(60) }, 'another');
  const open = createJwtVerifier({ connection: {}, insecureSkipSignature: true });
  expect(open.connection(token)).toEqual(good);
  expect(open.connection(signToken({ exp: 1 }, 'another'))).toEqual({
    ok: false,
    fault: 'expired',
  });
});

function thrown(run: () => unknown): TokenKeyError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof TokenKeyError ? error : undefined;
  }
}
