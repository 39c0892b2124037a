import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { PUSH_PATH } from '@telex/contract';
import { chooseSeed, seededRandom } from '@telex/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { attachProxy, type SocketProxy } from './proxy.ts';

const ROUNDS = 300;
let front: Server;
let back: TcpServer;
let proxy: SocketProxy;
const seed = chooseSeed();
const random = seededRandom(seed);
const whole = (below: number) => Math.floor(random() * below);

beforeEach(async () => {
  front = createServer();
  // In Centrifugo's place something that says anything, at any time, and hangs up.
  back = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      if (whole(4) > 0) socket.write(anAnswer());
      if (whole(4) === 0) socket.write(noise());
      const end = whole(12);
      if (end < 2) socket.destroy();
      else if (end < 4) socket.end();
    });
  });
  for (const server of [front, back]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  proxy = attachProxy({
    server: front,
    target: `ws://127.0.0.1:${portOf(back)}/`,
    isAllowedOrigin: () => false,
    gate: () => (whole(8) === 0 ? { passes: false } : { passes: true, sessions: [`${whole(5)}`] }),
    trustedProxies: [],
    handshakeMs: 100,
  });
});
afterEach(() => {
  proxy.close();
  front.closeAllConnections();
  front.close();
  back.close();
});

const portOf = (server: Server | TcpServer) => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

function noise(): Buffer {
  return Buffer.from(Array.from({ length: whole(200) }, () => whole(256)));
}

function anAnswer(): string {
  const status = whole(3) === 0 ? '403 Forbidden' : '101 Switching Protocols';
  return `HTTP/1.1 ${status}\r\nupgrade: websocket\r\nconnection: upgrade\r\ncontent-length: 0\r\n\r\n`;
}

/** A frame of a client, good or bad. */
function aFrame(): Buffer {
  const opcodes = [0x81, 0x82, 0x88, 0x89, 0x8a, 0x01, 0x80, 0xff];
  const size = whole(126);
  const isMasked = whole(10) > 0;
  return Buffer.concat([
    Buffer.from([opcodes[whole(opcodes.length)] ?? 0, (isMasked ? 0x80 : 0) | size]),
    noise().subarray(0, 4),
    noise().subarray(0, size),
  ]);
}

it(`survives peers that say anything on either side (seed ${seed})`, async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const socket = connect(portOf(front), '127.0.0.1');
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    socket.resume();
    socket.write(
      `GET ${PUSH_PATH} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    );
    const reply = once(socket, 'data').catch(() => undefined);
    await Promise.race([reply, gone]);
    for (let n = whole(5); n > 0; n -= 1) socket.write(whole(3) === 0 ? noise() : aFrame());
    if (whole(4) === 0) proxy.endSession(`${whole(5)}`);
    if (whole(2) === 0) socket.destroy();
    else socket.end();
    await gone;
  }
  await expect.poll(() => proxy.open, { timeout: 10_000 }).toBe(0);
});
