import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { type ConfigOverrides, keys } from '../config.ts';
import { closesWith, failure, staysSilent } from '../expectations.ts';
import { at } from '../json.ts';
import {
  connectionToken,
  inSeconds,
  signToken,
  spoilSignature,
  subscriptionToken,
  unsignedToken,
} from '../tokens.ts';
import { assertLasts, type GoodClaims, goodClaims, meantClaims, meantFor } from './good-claims.ts';

interface Fault {
  readonly id: string;
  readonly title: string;
  readonly token: (user: string) => string;
  readonly config?: ConfigOverrides;
  /** An error reply of 100 and up, a close of 3000 and up. */
  readonly code: number;
}

const meant: ConfigOverrides = { client: { token: meantFor } };
const oneKey: ConfigOverrides = { client: { subscription_token: { enabled: false } } };

const faults: readonly Fault[] = [
  {
    id: 'expired',
    title: 'that has expired: error 109',
    token: (user) => connectionToken(user, { exp: inSeconds(-1) }),
    code: 109,
  },
  {
    id: 'expires-now',
    title: 'that expires this very second: error 109, there is no leeway',
    token: (user) => connectionToken(user, { exp: inSeconds(0) }),
    code: 109,
  },
  {
    id: 'not-yet',
    title: 'whose nbf is in the future: error 109',
    token: (user) => connectionToken(user, { nbf: inSeconds(60) }),
    code: 109,
  },
  {
    id: 'ended',
    title: 'whose expire_at is past: error 110',
    token: (user) => connectionToken(user, { expire_at: inSeconds(-10) }),
    code: 110,
  },
  {
    id: 'bad-signature',
    title: 'with a spoilt signature: close 3500',
    token: (user) => spoilSignature(connectionToken(user)),
    code: 3500,
  },
  {
    id: 'expired-and-bad-signature',
    title: 'that has expired and is badly signed: close 3500, the signature is judged first',
    token: (user) => spoilSignature(connectionToken(user, { exp: inSeconds(-10) })),
    code: 3500,
  },
  {
    id: 'other-key',
    title: 'signed with the subscription key: close 3500',
    token: (user) => signToken({ sub: user, exp: inSeconds(60) }, keys.subscription),
    code: 3500,
  },
  {
    id: 'garbage',
    title: 'that is no token: close 3500',
    token: () => 'this.is.nothing',
    code: 3500,
  },
  {
    id: 'no-signature',
    title: 'with alg none: close 3500',
    token: (user) => unsignedToken({ sub: user }),
    code: 3500,
  },
  {
    id: 'numeric-sub',
    title: 'whose sub is a number: close 3500',
    token: () => signToken({ sub: 42, exp: inSeconds(60) }, keys.connection),
    code: 3500,
  },
  {
    id: 'text-exp',
    title: 'whose exp is a text: close 3500',
    token: (user) => signToken({ sub: user, exp: 'soon' }, keys.connection),
    code: 3500,
  },
  {
    id: 'channel-claim',
    title: 'with a channel claim, as subscription tokens have it: close 3500',
    token: (user) => connectionToken(user, { channel: 'a/b' }),
    code: 3500,
  },
  {
    id: 'unknown-namespace',
    title: 'whose channels claim names an unknown namespace: error 102',
    token: (user) => connectionToken(user, { channels: ['nowhere:a'] }),
    code: 102,
  },
  {
    id: 'too-many-channels',
    title: 'with more channels than a client may have: close 3505',
    token: (user) =>
      connectionToken(user, { channels: Array.from({ length: 129 }, (_, n) => `c-${user}/${n}`) }),
    code: 3505,
  },
  ...(['aud', 'iss'] as const).flatMap((name): Fault[] => [
    {
      id: `missing-${name}`,
      title: `without the ${name} that is configured: close 3500`,
      config: meant,
      token: (user) => connectionToken(user, { ...meantClaims, [name]: undefined }),
      code: 3500,
    },
    {
      id: `wrong-${name}`,
      title: `with another ${name} than is configured: close 3500`,
      config: meant,
      token: (user) => connectionToken(user, { ...meantClaims, [name]: 'another' }),
      code: 3500,
    },
  ]),
  {
    id: 'expired-and-not-meant',
    title: 'that has expired and is meant for others: close 3500, expiry is judged last',
    config: meant,
    token: (user) => connectionToken(user, { ...meantClaims, aud: 'another', exp: inSeconds(-5) }),
    code: 3500,
  },
  {
    id: 'expired-and-channel-claim',
    title: 'that has expired and is a subscription token: close 3500',
    config: oneKey,
    token: (user) => connectionToken(user, { channel: 'a/b', exp: inSeconds(-5) }),
    code: 3500,
  },
  {
    id: 'subscription-token',
    title: 'that is a subscription token, under one shared key: close 3500',
    config: oneKey,
    token: (user) => signToken({ sub: user, channel: 'a/b', exp: inSeconds(60) }, keys.connection),
    code: 3500,
  },
];

function faultCase({ id, title, token, config, code }: Fault): ConformanceCase {
  return {
    id: `connection-token/${id}`,
    title: `a connection token ${title}`,
    rules: ['H10'],
    ...(config === undefined ? {} : { config }),
    async run({ open, user }) {
      const client = await open();
      client.send({ id: 1, connect: { token: token(user()) } });
      if (code < 3000) assert.deepEqual(await client.next(), failure(1, code));
      else await closesWith(client, code);
      assert.deepEqual(client.rest(), []);
    },
  };
}

function goodCase({ id, title, claims, config, ttl }: GoodClaims): ConformanceCase {
  return {
    id: `connection-token/${id}`,
    title: `a connection token ${title}`,
    ...(config === undefined ? {} : { config }),
    async run({ connect, user }) {
      const { connected, client } = await connect(user(), { claims: claims() });
      assertLasts(connected.connect, ttl);
      await staysSilent(client);
    },
  };
}

/** What a connection token may say and what comes of it. */
export const connectionTokenCases: readonly ConformanceCase[] = [
  ...faults.map(faultCase),
  ...goodClaims(meant).map(goodCase),
  {
    id: 'connection-token/previous-key',
    title: 'tokens of the key and of the one before it are good, others are not',
    config: {
      client: {
        token: { hmac_previous_secret_key: 'previous-connection-key-of-the-suite' },
        subscription_token: { hmac_previous_secret_key: 'previous-subscription-key-of-the-suite' },
      },
    },
    needs: ['key-rotation'],
    async run({ open, user, channel }) {
      const [name, one] = [user(), channel()];
      const exp = inSeconds(60);
      for (const key of [keys.connection, 'previous-connection-key-of-the-suite']) {
        const client = await open();
        client.send({ id: 1, connect: { token: signToken({ sub: name, exp }, key) } });
        assert.notEqual(at(await client.next(), 'connect.client'), undefined);
        const old = signToken(
          { sub: name, channel: one, exp },
          'previous-subscription-key-of-the-suite',
        );
        for (const token of [old, subscriptionToken(name, one)]) {
          const reply = await client.ask({ subscribe: { channel: one, token } });
          assert.equal(at(reply, 'subscribe.recoverable'), true);
          await client.ask({ unsubscribe: { channel: one } });
        }
      }
      const client = await open();
      client.send({ id: 1, connect: { token: signToken({ sub: name, exp }, 'any-third-key') } });
      await closesWith(client, 3500);
    },
  },
  ...(['HS384', 'HS512'] as const).map(
    (alg): ConformanceCase => ({
      id: `connection-token/${alg.toLowerCase()}`,
      title: `tokens signed with ${alg} are good, under the right key`,
      needs: ['hmac-384-512'],
      async run({ open, user, channel }) {
        const [name, one] = [user(), channel()];
        const exp = inSeconds(60);
        const client = await open();
        client.send({
          id: 1,
          connect: { token: signToken({ sub: name, exp }, keys.connection, alg) },
        });
        assert.notEqual(at(await client.next(), 'connect.client'), undefined);
        const token = signToken({ sub: name, channel: one, exp }, keys.subscription, alg);
        assert.notEqual(
          at(await client.ask({ subscribe: { channel: one, token } }), 'subscribe'),
          undefined,
        );
        const other = await open();
        const spoilt = spoilSignature(signToken({ sub: name, exp }, keys.connection, alg));
        other.send({ id: 1, connect: { token: spoilt } });
        await closesWith(other, 3500);
      },
    }),
  ),
];
