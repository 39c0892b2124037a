import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { PUSH_PATH } from '@telex/contract';
import { issueCertificate } from '@telex/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '../../clock.ts';
import { createCentrifugoApi } from './api-client.ts';
import { attachProxy, type SocketProxy } from './proxy.ts';

const issued = issueCertificate(['127.0.0.1'], Date.now());
const trusted = getCACertificates('default');
const back = createHttpsServer(issued, (request, response) => {
  request.resume();
  response.end('{"result":{}}');
});
const sockets = new WebSocketServer({ server: back });
const front = createHttpServer();
let proxy: SocketProxy;
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  for (const server of [front, back]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  proxy = attachProxy({
    server: front,
    target: `wss://127.0.0.1:${portOf(back)}/`,
    isAllowedOrigin: () => false,
    gate: () => ({ passes: true, sessions: [] }),
    trustedProxies: [],
  });
});
afterAll(() => {
  setDefaultCACertificates(trusted);
  proxy.close();
  for (const client of sockets.clients) client.terminate();
  for (const server of [front, back]) {
    server.closeAllConnections();
    server.close();
  }
});

const call = async () => {
  const url = `https://127.0.0.1:${portOf(back)}`;
  const api = createCentrifugoApi({ url, key: 'key', clock: systemClock });
  const answer = await api.call('info', '{}');
  api.close();
  return answer;
};
const dial = () => {
  const client = new WebSocket(`ws://127.0.0.1:${portOf(front)}${PUSH_PATH}`);
  client.on('error', () => {});
  return client;
};

it('a certificate of an authority that is not trusted is refused on both ways', async () => {
  expect(await call()).toEqual({
    kind: 'unreachable',
    detail: 'SELF_SIGNED_CERT_IN_CHAIN',
  });
  const [, response] = await once(dial(), 'unexpected-response');
  expect(response.statusCode).toBe(503);
});

it('one of an authority that is trusted is good for both', async () => {
  setDefaultCACertificates([...trusted, issued.ca]);
  expect(await call()).toEqual({ kind: 'result', result: {} });
  const arrived = once(sockets, 'connection');
  const client = dial();
  await once(client, 'open');
  const [upstream] = await arrived;
  const echoed = once(upstream, 'message');
  client.send('hello');
  expect(String((await echoed)[0])).toBe('hello');
  client.terminate();
});
