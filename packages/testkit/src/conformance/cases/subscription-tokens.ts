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
  readonly token: (user: string, channel: string) => string;
  readonly config?: ConfigOverrides;
  /** An error reply of 100 and up, a close of 3000 and up. */
  readonly code: number;
}

const meant: ConfigOverrides = { client: { subscription_token: meantFor } };
const oneKey: ConfigOverrides = { client: { subscription_token: { enabled: false } } };

const faults: readonly Fault[] = [
  {
    id: 'other-user',
    title: 'of another user closes 3500, the connection with all it has',
    token: (user, channel) => subscriptionToken(`${user}-else`, channel),
    code: 3500,
  },
  {
    id: 'other-channel',
    title: 'of another channel closes 3500, the connection with all it has',
    token: (user, channel) => subscriptionToken(user, `${channel}-else`),
    code: 3500,
  },
  {
    id: 'no-sub',
    title: 'without sub closes 3500',
    token: (user, channel) => subscriptionToken(user, channel, { sub: undefined }),
    code: 3500,
  },
  {
    id: 'bad-signature',
    title: 'with a spoilt signature is error 103',
    token: (user, channel) => spoilSignature(subscriptionToken(user, channel)),
    code: 103,
  },
  {
    id: 'connection-key',
    title: 'signed with the connection key is error 103',
    token: (user, channel) =>
      signToken({ sub: user, channel, exp: inSeconds(60) }, keys.connection),
    code: 103,
  },
  { id: 'garbage', title: 'that is no token is error 103', token: () => 'nothing', code: 103 },
  {
    id: 'no-channel',
    title: 'without channel is error 103',
    token: (user) => signToken({ sub: user, exp: inSeconds(60) }, keys.subscription),
    code: 103,
  },
  {
    id: 'no-signature',
    title: 'with alg none is error 103',
    token: (user, channel) => unsignedToken({ sub: user, channel }),
    code: 103,
  },
  { id: 'none', title: 'that is missing is error 103', token: () => '', code: 103 },
  {
    id: 'numeric-sub',
    title: 'whose sub is a number is error 103',
    token: (_user, channel) =>
      signToken({ sub: 42, channel, exp: inSeconds(60) }, keys.subscription),
    code: 103,
  },
  {
    id: 'expired',
    title: 'that has expired is error 109',
    token: (user, channel) => subscriptionToken(user, channel, { exp: inSeconds(-1) }),
    code: 109,
  },
  {
    id: 'expires-now',
    title: 'that expires this very second is error 109, there is no leeway',
    token: (user, channel) => subscriptionToken(user, channel, { exp: inSeconds(0) }),
    code: 109,
  },
  {
    id: 'expired-of-other-user',
    title: 'that has expired and names another user is error 109: expiry is judged first',
    token: (user, channel) => subscriptionToken(`${user}-else`, channel, { exp: inSeconds(-1) }),
    code: 109,
  },
  {
    id: 'not-yet',
    title: 'whose nbf is in the future is error 109',
    token: (user, channel) => subscriptionToken(user, channel, { nbf: inSeconds(60) }),
    code: 109,
  },
  {
    id: 'ended',
    title: 'whose expire_at is past is error 110',
    token: (user, channel) => subscriptionToken(user, channel, { expire_at: inSeconds(-10) }),
    code: 110,
  },
  ...(['aud', 'iss'] as const).flatMap((name): Fault[] => [
    {
      id: `missing-${name}`,
      title: `without the ${name} that is configured is error 103`,
      config: meant,
      token: (user, channel) =>
        subscriptionToken(user, channel, { ...meantClaims, [name]: undefined }),
      code: 103,
    },
    {
      id: `wrong-${name}`,
      title: `with another ${name} than is configured is error 103`,
      config: meant,
      token: (user, channel) =>
        subscriptionToken(user, channel, { ...meantClaims, [name]: 'another' }),
      code: 103,
    },
  ]),
  {
    id: 'expired-and-not-meant',
    title: 'that has expired and is meant for others is error 103: expiry is judged last',
    config: meant,
    token: (user, channel) =>
      subscriptionToken(user, channel, { ...meantClaims, aud: 'another', exp: inSeconds(-5) }),
    code: 103,
  },
  {
    id: 'expired-without-channel',
    title: 'that has expired and names no channel is error 109',
    token: (user) => signToken({ sub: user, exp: inSeconds(-5) }, keys.subscription),
    code: 109,
  },
  {
    id: 'other-client',
    title: 'that is for another client closes 3500',
    token: (user, channel) => subscriptionToken(user, channel, { client: 'another' }),
    code: 3500,
  },
  {
    id: 'connection-token',
    title: 'that is a connection token, under one shared key, is error 103',
    config: oneKey,
    token: (user) => connectionToken(user),
    code: 103,
  },
];

function faultCase({ id, title, token, config, code }: Fault): ConformanceCase {
  return {
    id: `subscription-token/${id}`,
    title: `a subscription token ${title}`,
    rules: ['H10'],
    ...(config === undefined ? {} : { config }),
    async run({ connect, channel, user }) {
      const [name, one] = [user(), channel()];
      const { client } = await connect(name);
      const given = token(name, one);
      client.send({
        id: 2,
        subscribe: { channel: one, ...(given === '' ? {} : { token: given }) },
      });
      if (code >= 3000) {
        await closesWith(client, code);
        assert.deepEqual(client.rest(), []);
        return;
      }
      assert.deepEqual(await client.next(), failure(2, code));
      // It fails alone: the client is served, and may subscribe with a better token.
      await staysSilent(client);
      const claims = config === meant ? meantClaims : {};
      const key = config === oneKey ? keys.connection : keys.subscription;
      const better = signToken({ sub: name, channel: one, exp: inSeconds(60), ...claims }, key);
      const reply = await client.ask({ subscribe: { channel: one, token: better } });
      assert.equal(at(reply, 'subscribe.recoverable'), true, JSON.stringify(reply));
    },
  };
}

function goodCase({ id, title, claims, config, ttl }: GoodClaims): ConformanceCase {
  return {
    id: `subscription-token/${id}`,
    title: `a subscription token ${title}`,
    ...(config === undefined ? {} : { config }),
    async run({ connect, channel }) {
      const { subscribe } = await connect();
      const reply = await subscribe(channel(), { claims: claims() });
      assert.notEqual(reply.subscribe, undefined, JSON.stringify(reply));
      assertLasts(reply.subscribe, ttl);
    },
  };
}

/** What a subscription token may say and what comes of it. */
export const subscriptionTokenCases: readonly ConformanceCase[] = [
  ...faults.map(faultCase),
  ...goodClaims(meant).map(goodCase),
  {
    id: 'subscription-token/anonymous',
    title: "an anonymous user's subscription token has an empty sub, or none",
    async run({ connect, channel }) {
      const { subscribe } = await connect('');
      for (const claims of [{}, { sub: undefined }]) {
        const reply = await subscribe(channel(), { claims });
        assert.equal(at(reply, 'subscribe.recoverable'), true);
      }
    },
  },
  {
    id: 'subscription-token/own-client',
    title: 'a subscription token for this very client is good',
    async run({ connect, channel }) {
      const { subscribe, connected } = await connect();
      const client = at(connected, 'connect.client');
      const reply = await subscribe(channel(), { claims: { client } });
      assert.equal(at(reply, 'subscribe.recoverable'), true);
    },
  },
  {
    id: 'subscription-token/fatal-in-a-message',
    title:
      'a fatal subscribe in the message of the connect ends the connection, and is not answered',
    rules: ['H5'],
    async run({ open, user, channel, manner }) {
      const name = user();
      const client = await open();
      const [bad, one, other] = [channel(), channel(), channel()];
      client.send(
        { id: 1, connect: { token: connectionToken(name) } },
        { id: 2, subscribe: { channel: bad, token: subscriptionToken(`${name}-else`, bad) } },
        { id: 3, subscribe: { channel: one, token: subscriptionToken(name, one) } },
        { id: 4, subscribe: { channel: other, token: subscriptionToken(name, other) } },
      );
      await closesWith(client, 3500);
      const ids = client.rest().map(({ id }) => id);
      // T1: how much of the rest stock answers is a race.
      const isHub = manner('rest-of-frame') === 'hub';
      const possible = isHub ? [[1]] : [[1], [1, 3], [1, 3, 4]];
      assert.ok(
        possible.some((some) => String(some) === String(ids)),
        `replies ${ids}`,
      );
    },
  },
];
