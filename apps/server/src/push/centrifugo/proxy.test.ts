import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { PUSH_PATH } from '@telex/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import type { Passage } from './command-gate.ts';
import { attachProxy, type SocketProxy } from './proxy.ts';

let front: Server;
let back: Server;
let centrifugo: WebSocketServer;
let proxy: SocketProxy;
const clients: WebSocket[] = [];
/** What the gate answers for a message; all pass by default. */
let judge: (message: string) => Passage;

const portOf = (server: Server) => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};
const listening = async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

beforeEach(async () => {
  judge = () => ({ passes: true, sessions: [] });
  back = await listening();
  centrifugo = new WebSocketServer({ server: back });
  front = await listening();
  proxy = attachProxy({
    server: front,
    target: `ws://127.0.0.1:${portOf(back)}/connection/websocket`,
    isAllowedOrigin: (origin) => origin === 'https://telex.example',
    gate: (message) => judge(message),
    trustedProxies: [],
    maxConnections: 3,
    handshakeMs: 5_000,
  });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  proxy.close();
  for (const client of centrifugo.clients) client.terminate();
  for (const server of [front, back]) {
    server.closeAllConnections();
    server.close();
  }
});

function dial(options: ClientOptions = {}, path = PUSH_PATH): WebSocket {
  const client = new WebSocket(`ws://127.0.0.1:${portOf(front)}${path}`, options);
  client.on('error', () => {});
  clients.push(client);
  return client;
}

/** A client and Centrifugo's end of its connection. */
async function pair(options: ClientOptions = {}) {
  const arrived = once(centrifugo, 'connection');
  const client = dial(options);
  await once(client, 'open');
  const [upstream, request] = await arrived;
  return { client, upstream: upstream as WebSocket, request };
}

async function refusal(client: WebSocket) {
  const [, response] = await once(client, 'unexpected-response');
  return { status: response.statusCode, retryAfter: response.headers['retry-after'] };
}

const closeOf = async (socket: WebSocket) => {
  const [code, reason] = await once(socket, 'close');
  return [code, String(reason)];
};

describe('a WebSocket that is handed on', () => {
  it('carries text and binary both ways, as it was', async () => {
    const { client, upstream } = await pair();
    for (const size of [0, 1, 125, 126, 65_535, 65_536]) {
      const text = 'ü'.repeat(Math.floor(size / 2)) + 'x'.repeat(size % 2);
      const [there, back] = [once(upstream, 'message'), once(client, 'message')];
      client.send(text);
      upstream.send(text);
      expect([String((await there)[0]), String((await back)[0])]).toEqual([text, text]);
    }
    const there = once(upstream, 'message');
    client.send(Uint8Array.of(1, 2));
    expect(await there).toEqual([Buffer.from([1, 2]), true]);
  });

  it('carries the close of either end', async () => {
    const one = await pair();
    const ended = closeOf(one.client);
    one.upstream.close(3005, 'connection expired');
    expect(await ended).toEqual([3005, 'connection expired']);
    const other = await pair();
    const closed = closeOf(other.upstream);
    other.client.close(1000, 'bye');
    expect(await closed).toEqual([1000, 'bye']);
  });

  it('ends when either end is simply gone', async () => {
    const one = await pair();
    one.client.terminate();
    expect((await closeOf(one.upstream))[0]).toBe(1006);
    const other = await pair();
    other.upstream.terminate();
    expect((await closeOf(other.client))[0]).toBe(1006);
    await expect.poll(() => proxy.open).toBe(0);
  });

  it('says whose it is, keeps our secrets, and asks for no compression', async () => {
    const headers = {
      'x-forwarded-for': '203.0.113.9',
      authorization: 'Bearer secret',
      cookie: 'a=secret',
    };
    const { request } = await pair({ headers, perMessageDeflate: true });
    expect(request.headers['x-forwarded-for']).toBe('127.0.0.1');
    expect(request.url).toBe('/connection/websocket');
    expect(request.headers['sec-websocket-extensions']).toBeUndefined();
    expect(JSON.stringify(request.headers)).not.toContain('secret');
  });

  it('is cut when a message is too long', async () => {
    const { client } = await pair();
    const ended = closeOf(client);
    client.send('x'.repeat(65_537));
    expect((await ended)[0]).toBe(1009);
  });

  it('reads neither side faster than the other takes it', async () => {
    const { client, upstream } = await pair();
    client.pause();
    const line = 'x'.repeat(60_000);
    let sent = 0;
    while (upstream.bufferedAmount < 8_000_000) {
      upstream.send(line);
      sent += 1;
    }
    // What neither socket takes stays where it was written, not in the proxy.
    await new Promise((resolve) => setImmediate(resolve));
    expect(upstream.bufferedAmount).toBeGreaterThan(0);
    let got = 0;
    client.on('message', () => {
      got += 1;
    });
    client.resume();
    await expect.poll(() => got, { timeout: 10_000 }).toBe(sent);
  });
});

describe('the gate', () => {
  it('lets no message through that it refuses, and ends the connection for good', async () => {
    const { client, upstream } = await pair();
    const got: string[] = [];
    upstream.on('message', (data) => got.push(String(data)));
    judge = (message) =>
      message === 'revoked' ? { passes: false } : { passes: true, sessions: [] };
    const [ended, gone] = [closeOf(client), once(upstream, 'close')];
    client.send('good');
    await once(upstream, 'message');
    client.send('revoked');
    client.send('more');
    expect(await ended).toEqual([3500, 'invalid token']);
    await gone;
    expect(got).toEqual(['good']);
  });

  it('tells whose session it is, which can be ended later, in the middle of a push', async () => {
    judge = (session) => ({ passes: true, sessions: [session] });
    const { client, upstream } = await pair();
    const other = await pair();
    const got: string[] = [];
    client.on('message', (data) => got.push(String(data)));
    const passed = [once(upstream, 'message'), once(other.upstream, 'message')];
    client.send('ada');
    other.client.send('grace');
    await Promise.all(passed);
    const ended = closeOf(client);
    const push = 'x'.repeat(4_000_000);
    upstream.send(push);
    proxy.endSession('ada');
    expect(await ended).toEqual([3503, 'force disconnect']);
    expect(got.every((one) => one === push)).toBe(true);
    expect(other.client.readyState).toBe(WebSocket.OPEN);
  });
});

describe('the door', () => {
  it('is closed to pages of other origins, and open to ours', async () => {
    expect((await refusal(dial({ origin: 'https://evil.example' }))).status).toBe(403);
    await once(dial({ origin: 'https://telex.example' }), 'open');
    await once(dial({ origin: `http://127.0.0.1:${portOf(front)}` }), 'open');
  });

  it('leads nowhere but to the documented path', async () => {
    expect((await refusal(dial({}, '/elsewhere'))).status).toBe(404);
  });

  it('says when to come back where Centrifugo is away, or answers nothing', async () => {
    back.closeAllConnections();
    back.close();
    await once(back, 'close');
    expect(await refusal(dial())).toEqual({ status: 503, retryAfter: '2' });
    const silent = createServer();
    silent.on('upgrade', () => {});
    proxy.close();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    proxy = attachProxy({
      server: front,
      target: `ws://127.0.0.1:${portOf(silent)}/`,
      isAllowedOrigin: () => false,
      gate: judge,
      trustedProxies: [],
      handshakeMs: 50,
    });
    expect(await refusal(dial())).toEqual({ status: 503, retryAfter: '2' });
    silent.closeAllConnections();
    silent.close();
  });

  it('takes so many and no more', async () => {
    await pair();
    await pair();
    const third = await pair();
    expect((await refusal(dial())).status).toBe(503);
    third.client.terminate();
    await expect.poll(() => proxy.open).toBe(2);
    await pair();
  });

  it('hands what is no WebSocket on, and the answer back', async () => {
    const socket = connectTcp(portOf(front), '127.0.0.1');
    socket.write(
      `GET ${PUSH_PATH} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
    );
    const [reply] = await once(socket, 'data');
    expect(String(reply)).toMatch(/^HTTP\/1.1 400 /);
    socket.destroy();
  });
});

it('closing tells everyone to come back', async () => {
  const { client } = await pair();
  const ended = closeOf(client);
  proxy.close();
  expect(await ended).toEqual([3001, 'shutdown']);
});
