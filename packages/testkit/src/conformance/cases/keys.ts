import assert from 'node:assert/strict';
import { generateKeyPair, type KeyObject, type KeyPairKeyObjectResult, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { ConformanceCase } from '../case.ts';
import type { CaseContext } from '../context.ts';
import { eventually } from '../eventually.ts';
import { closesWith, failure } from '../expectations.ts';
import { at, type JsonObject } from '../json.ts';
import type { Closed } from '../protocol-client.ts';
import { inSeconds, signToken, signTokenWith } from '../tokens.ts';

const hashes = { '256': 'sha256', '384': 'sha384', '512': 'sha512' } as const;

/** A JWT signed with a private key: RS*, ES* or EdDSA. */
function signedBy(key: KeyObject, alg: string, claims: JsonObject, kid?: string): string {
  const head = { alg, typ: 'JWT', ...(kid === undefined ? {} : { kid }) };
  return signTokenWith(head, { exp: inSeconds(60), ...claims }, (signed) => {
    if (alg === 'EdDSA') return sign(null, Buffer.from(signed), key);
    const hash = hashes[alg.slice(2) as keyof typeof hashes];
    const options = alg.startsWith('ES') ? { key, dsaEncoding: 'ieee-p1363' as const } : key;
    return sign(hash, Buffer.from(signed), options);
  });
}

function pem({ publicKey }: KeyPairKeyObjectResult): string {
  return String(publicKey.export({ type: 'spki', format: 'pem' }));
}

async function connects({ open }: CaseContext, token: string): Promise<void> {
  const client = await open();
  client.send({ id: 1, connect: { token } });
  const reply = await client.next('connect reply');
  assert.notEqual(at(reply, 'connect.client'), undefined, JSON.stringify(reply));
}

async function isRefused({ open }: CaseContext, token: string): Promise<void> {
  const client = await open();
  client.send({ id: 1, connect: { token } });
  await closesWith(client, 3500);
  assert.deepEqual(client.rest(), []);
}

/** The answer once the server knows: ours puts a token off as long as it may not ask for the key again. */
function verdictOn({ open }: CaseContext, token: string): Promise<JsonObject | Closed> {
  const ask = async () => {
    const client = await open();
    client.send({ id: 1, connect: { token } });
    const verdict = await Promise.any([client.next('connect reply'), client.closed()]);
    client.cut();
    return verdict;
  };
  return eventually('a verdict', ask, (verdict) => at(verdict, 'error.code') !== 100, 10_000);
}

/** A JWKS endpoint; what it says may be changed. */
async function serveJwks({ afterwards }: CaseContext, keys: JsonObject[]): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
}

function jwk({ publicKey }: KeyPairKeyObjectResult, kid: string, alg: string): JsonObject {
  return { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

// Beside the event loop: an RSA key takes long, and other cases count the time.
const generate = promisify(generateKeyPair);
const rsa = () => generate('rsa', { modulusLength: 2048 });
const ec = () => generate('ec', { namedCurve: 'P-256' });
const ed = () => generate('ed25519');

/** Keys that are not shared: RSA, ECDSA, and those of a JWKS endpoint. */
export const keyCases: readonly ConformanceCase[] = [
  {
    id: 'keys/rsa',
    title:
      'rsa_public_key: RS256, RS384 and RS512 of that key are good, of another key are not, nor is HS256 of its text',
    needs: ['asymmetric-keys'],
    async run({ startAnother, user }) {
      const pair = await rsa();
      const there = await startAnother({
        client: { token: { rsa_public_key: pem(pair) }, subscription_token: { enabled: false } },
      });
      const sub = user();
      for (const alg of ['RS256', 'RS384', 'RS512']) {
        await connects(there, signedBy(pair.privateKey, alg, { sub }));
      }
      await isRefused(there, signedBy((await rsa()).privateKey, 'RS256', { sub }));
      await isRefused(there, signToken({ sub, exp: inSeconds(60) }, pem(pair)));
    },
  },
  {
    id: 'keys/ecdsa',
    title: 'ecdsa_public_key: ES256 of that key is good, of another key is not',
    needs: ['asymmetric-keys'],
    async run({ startAnother, user, channel }) {
      const pair = await ec();
      const there = await startAnother({
        client: {
          token: { ecdsa_public_key: pem(pair) },
          subscription_token: { ecdsa_public_key: pem(pair) },
        },
      });
      const [sub, one] = [user(), channel()];
      const token = signedBy(pair.privateKey, 'ES256', { sub });
      await connects(there, token);
      await isRefused(there, signedBy((await ec()).privateKey, 'ES256', { sub }));
      const client = await there.open();
      client.send({ id: 1, connect: { token } });
      await client.next();
      const good = signedBy(pair.privateKey, 'ES256', { sub, channel: one });
      const bad = signedBy((await ec()).privateKey, 'ES256', { sub, channel: one });
      const refused = await client.ask({ subscribe: { channel: one, token: bad } });
      assert.equal(at(refused, 'error.code'), 103);
      const reply = await client.ask({ subscribe: { channel: one, token: good } });
      assert.equal(at(reply, 'subscribe.recoverable'), true);
    },
  },
  {
    id: 'keys/jwks',
    title:
      'jwks_public_endpoint: RSA, EC and Ed25519 keys by kid are good, unknown and wrong ones are not, and static keys do not count',
    needs: ['jwks'],
    async run(context) {
      const { startAnother, user } = context;
      const pairs = { r: await rsa(), e: await ec(), d: await ed() };
      const jwks = await serveJwks(context, [
        jwk(pairs.r, 'r', 'RS256'),
        jwk(pairs.e, 'e', 'ES256'),
        jwk(pairs.d, 'd', 'EdDSA'),
      ]);
      const there = await startAnother({
        client: {
          token: { hmac_secret_key: 'a shared key', jwks_public_endpoint: jwks },
          subscription_token: { enabled: false },
        },
      });
      const sub = user();
      await connects(there, signedBy(pairs.r.privateKey, 'RS256', { sub }, 'r'));
      await connects(there, signedBy(pairs.e.privateKey, 'ES256', { sub }, 'e'));
      await connects(there, signedBy(pairs.d.privateKey, 'EdDSA', { sub }, 'd'));
      const unknown = signedBy(pairs.r.privateKey, 'RS256', { sub }, 'nobody');
      assert.equal(at(await verdictOn(there, unknown), 'code'), 3500);
      await isRefused(there, signedBy((await ec()).privateKey, 'ES256', { sub }, 'e'));
      await isRefused(there, signedBy(pairs.r.privateKey, 'RS256', { sub }, 'e'));
      await isRefused(there, signToken({ sub, exp: inSeconds(60) }, 'a shared key'));
    },
  },
  {
    id: 'keys/jwks-new-key',
    title: 'jwks_public_endpoint: a key that appears later is found',
    needs: ['jwks'],
    async run(context) {
      const { startAnother, user } = context;
      const [first, second] = [await ec(), await ec()];
      const keys = [jwk(first, 'first', 'ES256')];
      const jwks = await serveJwks(context, keys);
      const there = await startAnother({
        client: {
          token: { jwks_public_endpoint: jwks },
          subscription_token: { enabled: false },
        },
      });
      const sub = user();
      await connects(there, signedBy(first.privateKey, 'ES256', { sub }, 'first'));
      keys.push(jwk(second, 'second', 'ES256'));
      const token = signedBy(second.privateKey, 'ES256', { sub }, 'second');
      assert.notEqual(at(await verdictOn(there, token), 'connect.client'), undefined);
    },
  },
  {
    id: 'keys/jwks-down',
    title:
      'jwks_public_endpoint: where it cannot be asked no token is good: put off by ours, refused by stock',
    needs: ['jwks'],
    timeoutMs: 40_000,
    async run({ startAnother, user, manner }) {
      const there = await startAnother({
        client: {
          // The discard port: nobody listens there.
          token: { jwks_public_endpoint: 'http://127.0.0.1:9/jwks.json' },
          subscription_token: { enabled: false },
        },
      });
      const client = await there.open();
      const token = signedBy((await ec()).privateKey, 'ES256', { sub: user() }, 'any');
      client.send({ id: 1, connect: { token } });
      if (manner('keys-unavailable') === 'hub') {
        assert.deepEqual(await client.next('connect reply', 20_000), failure(1, 100));
      } else await closesWith(client, 3500, 20_000);
    },
  },
];
