import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, expect, test } from 'vitest';
import { signToken } from '../test/live-hub.ts';
import { fetchText } from './fetch-text.ts';
import type { JwksOptions } from './jwks.ts';
import { createJwtVerifier } from './jwt-verifier.ts';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

/** A key set on loopback. `answer` can be changed while it runs. */
async function keyServer() {
  const state = {
    keys: [] as object[],
    asked: 0,
    status: 200,
    body: undefined as string | undefined,
  };
  const server = createServer((_request, response) => {
    state.asked += 1;
    response.statusCode = state.status;
    response.end(state.body ?? JSON.stringify({ keys: state.keys }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  opened.push(close);
  const { port } = server.address() as AddressInfo;
  return { state, close, endpoint: `http://127.0.0.1:${port}/keys` };
}

async function signer(kid: string, alg: string, more: object = {}) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, use: 'sig', ...more };
  const sign = (header: object = {}) =>
    new SignJWT()
      .setSubject('ann')
      .setProtectedHeader({ alg, kid, ...header })
      .sign(privateKey);
  return { jwk, sign };
}

/** A verifier with a clock of its own: `at.ms` moves it. */
function verifierOf(endpoint: string, more: Partial<JwksOptions> = {}) {
  const at = { ms: 0 };
  const jwks = { endpoint, nowMs: () => at.ms, ...more };
  const verifier = createJwtVerifier({ connection: { jwks, hmacSecret: 'static' } });
  return { at, judge: (token: string) => verifier.connection(token) };
}

const good = { ok: true, grant: { user: 'ann' } };
const invalid = { ok: false, fault: 'invalid' };
const unavailable = { ok: false, fault: 'unavailable' };

test('[HB91] RSA, EC and Ed25519 keys are found by kid, fetched once, and judged at once from then on', async () => {
  const { endpoint, state } = await keyServer();
  const all = await Promise.all([
    signer('rsa', 'RS256', { alg: 'RS256' }),
    signer('ec', 'ES384'),
    signer('ed', 'EdDSA'),
  ]);
  state.keys = all.map(({ jwk }) => jwk);
  const { judge } = verifierOf(endpoint);
  const tokens = await Promise.all(all.map(({ sign }) => sign()));
  const first = tokens.map((token) => judge(token));
  expect(first.every((verdict) => verdict instanceof Promise)).toBe(true);
  expect(await Promise.all(first)).toEqual([good, good, good]);
  expect(tokens.map((token) => judge(token))).toEqual([good, good, good]);
  expect(state.asked).toBe(1);
});

test('[HB91] static keys count no more, and the kid, the use and the algorithm of the set must fit', async () => {
  const { endpoint, state } = await keyServer();
  const rsa = await signer('rsa', 'RS256', { alg: 'RS256' });
  const encrypting = await signer('enc', 'RS256', { use: 'enc' });
  const unmarked = await signer('unmarked', 'RS256', { use: undefined });
  const other = await signer('other', 'RS512', { alg: 'RS256' });
  const secretJwk = {
    kty: 'oct',
    k: Buffer.from('static').toString('base64url'),
    kid: 'oct',
    use: 'sig',
  };
  state.keys = [rsa.jwk, encrypting.jwk, unmarked.jwk, other.jwk, secretJwk, 5 as never, {}];
  const { judge } = verifierOf(endpoint);
  expect(await judge(await rsa.sign())).toEqual(good);
  for (const token of [
    await encrypting.sign(),
    await unmarked.sign(),
    await other.sign(),
    await rsa.sign({ kid: undefined }),
    await rsa.sign({ kid: '' }),
    await rsa.sign({ kid: 'x'.repeat(300) }),
    await rsa.sign({ kid: 'other' }),
    signToken({ sub: 'ann' }, 'static'),
    signToken({ sub: 'ann' }, 'static', { alg: 'HS256', kid: 'oct' }),
    signToken({ sub: 'ann' }, JSON.stringify(rsa.jwk), { alg: 'HS256', kid: 'rsa' }),
    signToken({ sub: 'ann' }, 'static', { alg: 'none', kid: 'rsa' }),
  ]) {
    const verdict = await judge(token);
    expect([invalid, unavailable]).toContainEqual(verdict);
  }
});

test('[HB91] a rotated key is found when it is first used, and one published no more counts no more', async () => {
  const { endpoint, state } = await keyServer();
  const [old, young] = [await signer('old', 'ES256'), await signer('young', 'ES256')];
  state.keys = [old.jwk];
  const { at, judge } = verifierOf(endpoint);
  expect(await judge(await old.sign())).toEqual(good);
  state.keys = [old.jwk, young.jwk];
  at.ms = 10_000;
  expect(await judge(await young.sign())).toEqual(good);
  state.keys = [young.jwk];
  at.ms = 20_000;
  expect(judge(await old.sign())).toEqual(good);
  // Half of an hour later the set is fetched again, beside the answers.
  at.ms = 10_000 + 1_800_000;
  expect(judge(await old.sign())).toEqual(good);
  await expect.poll(() => state.asked).toBe(3);
  await expect.poll(async () => await judge(await old.sign())).not.toEqual(good);
  expect(judge(await young.sign())).toEqual(good);
});

test('[HB91] invented key ids cost one fetch in five seconds, and tokens in flight share one', async () => {
  const { endpoint, state } = await keyServer();
  const real = await signer('real', 'EdDSA');
  state.keys = [real.jwk];
  const { at, judge } = verifierOf(endpoint);
  const invented = async (name: string) => real.sign({ kid: name });
  const same = await real.sign();
  // Signed before the first is judged: the fetch may be over by the time that takes.
  const unknown = await invented('x');
  const verdicts = await Promise.all([judge(same), judge(same), judge(unknown)]);
  expect(verdicts).toEqual([good, good, invalid]);
  expect(state.asked).toBe(1);
  // Known to be missing: refused. Not known yet: put off, since it may be a rotated key.
  expect(judge(await invented('x'))).toEqual(invalid);
  for (let each = 0; each < 50; each += 1) {
    expect(judge(await invented(`y${each}`))).toEqual(unavailable);
  }
  expect(state.asked).toBe(1);
  at.ms = 5_000;
  expect(await judge(await invented('y1'))).toEqual(invalid);
  expect(state.asked).toBe(2);
});

test('[HB25] [HB91] while keys can’t be had, tokens are put off; known keys go on counting until their time is over', async () => {
  const server = await keyServer();
  const { state } = server;
  const real = await signer('real', 'RS256');
  const token = await real.sign();
  const { at, judge } = verifierOf(server.endpoint, { ttlMs: 60_000 });
  for (const wrong of [
    { status: 500, body: undefined },
    { status: 200, body: 'no JSON' },
    { status: 200, body: '{"keys":{}}' },
    { status: 200, body: `{"keys":[]${' '.repeat(300_000)}}` },
  ]) {
    Object.assign(state, wrong);
    expect(await judge(token)).toEqual(unavailable);
    // Not asked again at once.
    expect(judge(token)).toEqual(unavailable);
    at.ms += 5_000;
  }
  Object.assign(state, { status: 200, body: undefined, keys: [real.jwk] });
  expect(await judge(token)).toEqual(good);
  await server.close();
  at.ms += 59_999;
  expect(judge(token)).toEqual(good);
  at.ms += 1;
  expect(await judge(token)).toEqual(unavailable);
});

test('[HB91] a set is asked for twice before it counts as missing, and a slow one is given up', async () => {
  const { endpoint, state } = await keyServer();
  state.status = 503;
  await expect(fetchText(endpoint)).rejects.toThrow('503');
  expect(state.asked).toBe(2);
  const silent = createServer(() => {});
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  opened.push(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const { port } = silent.address() as AddressInfo;
  await expect(fetchText(`http://127.0.0.1:${port}/`)).rejects.toThrow('timeout');
});
