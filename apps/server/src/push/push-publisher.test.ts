import { once } from 'node:events';
import { createServer } from 'node:http';
import { createHub } from '@telex/hub';
import { attachHub, nodeClock } from '@telex/hub/node';
import { engineCommand, hubCommand, type PushServerOptions } from '@telex/testkit';
import { describe, expect, test } from 'vitest';
import { centrifugoBeside } from '../../test/centrifugo-beside.ts';
import { fakeCentrifugoApi } from '../../test/fake-centrifugo-api.ts';
import { type PublisherUnderTest, publisherSuite } from '../../test/push-publisher-suite.ts';
import { subscriber } from '../../test/subscriber.ts';
import { systemClock } from '../clock.ts';
import { fakePublisher } from '../testing/fake-publisher.ts';
import { createJwts } from '../tokens/jwt.ts';
import { KeyRing } from '../tokens/key-ring.ts';
import { loadSigningKeys } from '../tokens/signing-keys.ts';
import { createCentrifugoApi } from './centrifugo/api-client.ts';
import { centrifugoPublisher } from './centrifugo/centrifugo-publisher.ts';
import { embeddedHubPublisher } from './embedded-hub-publisher.ts';
import { isPermanent, PublishError } from './push-publisher.ts';

publisherSuite('the fake', async () => {
  const publisher = fakePublisher();
  const lists = new Map<string, string[]>();
  return {
    publisher,
    async listen(channel) {
      const list: string[] = [];
      lists.set(channel, list);
      return list;
    },
    async arrived() {
      for (const { channel, dataJson } of publisher.deliveries.splice(0)) {
        lists.get(channel)?.push(dataJson);
      }
    },
    async close() {},
  };
});

publisherSuite('the embedded hub, over a real WebSocket', async () => {
  const hub = createHub({
    clock: nodeClock,
    random: Math.random,
    verifier: {
      connection: () => ({ ok: true, grant: { user: 'ada' } }),
      subscription: (channel) => ({ ok: true, grant: { user: 'ada', channel } }),
    },
  });
  const server = createServer();
  attachHub({ hub, server, path: '/push' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const client = await subscriber(`ws://127.0.0.1:${port}/push`, 'any');
  return {
    publisher: embeddedHubPublisher(hub),
    listen: (channel) => client.listen(channel, channel),
    arrived: () => client.fence(),
    async close() {
      client.close();
      hub.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
});

publisherSuite("a fake of Centrifugo's HTTP API", async () => {
  const fake = await fakeCentrifugoApi();
  const api = createCentrifugoApi({ url: fake.url, key: fake.key, clock: systemClock });
  const lists = new Map<string, string[]>();
  return {
    publisher: centrifugoPublisher({ api }),
    async listen(channel) {
      const list: string[] = [];
      lists.set(channel, list);
      return list;
    },
    async arrived() {
      for (const { channel, dataJson } of fake.deliveries.splice(0)) {
        lists.get(channel)?.push(dataJson);
      }
    },
    async close() {
      api.close();
      await fake.close();
    },
  };
});

publisherSuite("the HTTP API of Centrifugo's engine", async () => overHttp(await engineCommand()));

publisherSuite('the HTTP API of telex-hub', () => overHttp(hubCommand));

/** A push server of its own, with the configuration that we write for it. */
async function overHttp(command: PushServerOptions['command']): Promise<PublisherUnderTest> {
  const { dataDir, push, close } = await centrifugoBeside(command);
  const jwts = createJwts(new KeyRing(loadSigningKeys(dataDir)), Date.now);
  const claims = { userId: 'ada', sessionId: 'one' };
  const expiresAtS = Math.floor(Date.now() / 1000) + 600;
  const api = createCentrifugoApi({ url: push.apiUrl, key: push.apiKey, clock: systemClock });
  const client = await subscriber(push.wsUrl, jwts.mint('notification', claims, expiresAtS));
  return {
    publisher: centrifugoPublisher({ api }),
    listen: (channel) =>
      client.listen(channel, jwts.mint('subscription', { ...claims, channel }, expiresAtS)),
    arrived: () => client.fence(),
    async close() {
      client.close();
      api.close();
      await close();
    },
  };
}

describe('a failed broadcast', () => {
  test('is for ever only where the push server says so', () => {
    expect(isPermanent(new PublishError('rejected'))).toBe(true);
    expect(isPermanent(new PublishError('unavailable'))).toBe(false);
    expect(isPermanent(new TypeError('fetch failed'))).toBe(false);
  });
});
