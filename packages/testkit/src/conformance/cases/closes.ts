import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import type { ConformanceCase } from '../case.ts';
import { closesWith, staysSilent } from '../expectations.ts';
import { subscriptionToken } from '../tokens.ts';

const codes = [
  { code: 3001, reason: 'a plain reason' },
  { code: 3012, reason: 'no reason at all' },
  { code: 3499, reason: 'come back' },
  { code: 3500, reason: 'stay away' },
  { code: 4000, reason: 'x' },
  { code: 4499, reason: 'é'.repeat(61) },
  { code: 4500, reason: 'r'.repeat(123) },
  { code: 4999, reason: 'the last one' },
];

/** Each against another rule of RFC 6455 §5. */
const brokenFrames = [
  // Text that is not masked.
  [0x81, 0x02, 0x7b, 0x7d],
  // A reserved bit without an extension.
  [0xc1, 0x82, 0, 0, 0, 0, 0x7b, 0x7d],
  // An opcode that there is not.
  [0x83, 0x80, 0, 0, 0, 0],
  // A ping in fragments.
  [0x09, 0x80, 0, 0, 0, 0],
  // A ping of 126 bytes.
  [0x89, 0xfe, 0, 126, 0, 0, 0, 0],
  // A continuation of nothing.
  [0x80, 0x80, 0, 0, 0, 0],
];

/** A TCP connection on which the WebSocket handshake is done, and nothing is answered by itself. */
async function openRawSocket(wsUrl: string): Promise<Socket> {
  const { hostname, port, pathname } = new URL(wsUrl);
  const socket = connectTcp(Number(port), hostname);
  // The other side may be quicker to end it than we to write.
  socket.on('error', () => {});
  await once(socket, 'connect');
  const key = randomBytes(16).toString('base64');
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await once(socket, 'data');
  return socket;
}

/** How connections end (H9). */
export const closeCases: readonly ConformanceCase[] = [
  {
    id: 'closes/by-api',
    title: 'code and reason of a disconnect by the API are those of the close frame',
    rules: ['H9'],
    async run({ connect, api }) {
      for (const disconnect of codes) {
        const { client, user } = await connect();
        await api.result('disconnect', { user, disconnect });
        const { code, reason } = await client.closed();
        assert.deepEqual({ code, reason }, disconnect);
      }
    },
  },
  {
    id: 'closes/by-api-default',
    title:
      'a disconnect by the API without a code closes 3503, every connection of the user and no other',
    rules: ['H9'],
    async run({ connect, api, user }) {
      const name = user();
      const members = [await connect(name), await connect(name)];
      const stranger = await connect();
      await api.result('disconnect', { user: name });
      for (const { client } of members) await closesWith(client, 3503);
      await staysSilent(stranger.client);
    },
  },
  {
    id: 'closes/answered-first',
    title: 'what was answered before a close reaches the client, then the close',
    rules: ['H9'],
    async run({ connect, channel }) {
      const one = channel();
      const { client, user } = await connect();
      client.send(
        { id: 2, subscribe: { channel: one, token: 'no good' } },
        { id: 3, unsubscribe: { channel: one } },
        { id: 4, subscribe: { channel: one, token: subscriptionToken(`${user}-else`, one) } },
      );
      await closesWith(client, 3500);
      const replies = client.rest();
      assert.deepEqual(
        replies.map(({ id }) => id),
        [2, 3],
      );
    },
  },
  {
    id: 'closes/handshake',
    title: 'a client that closes is answered with a close frame',
    rules: ['H9'],
    async run({ connect }) {
      const { client } = await connect();
      client.close(1000);
      const { code } = await client.closed();
      assert.ok(code === 1000 || code === 1005, `closed ${code}`);
    },
  },
  {
    id: 'closes/nobody-answers',
    title: 'a client that does not answer a close frame is dropped',
    rules: ['H9'],
    async run({ server }) {
      const socket = await openRawSocket(server.wsUrl);
      try {
        // A masked text frame of one byte that is no JSON.
        socket.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x7b]));
        // What comes is read and left unanswered.
        socket.resume();
        await once(socket, 'close', { signal: AbortSignal.timeout(9_000) });
      } finally {
        socket.destroy();
      }
    },
  },
  {
    id: 'closes/no-websocket',
    title: 'who breaks the rules of WebSocket is cut off, and the others are served as before',
    rules: ['H9', 'H12'],
    async run({ server, connect }) {
      const witness = await connect();
      await Promise.all(
        brokenFrames.map(async (frame) => {
          const socket = await openRawSocket(server.wsUrl);
          try {
            socket.write(Buffer.from(frame));
            socket.resume();
            await once(socket, 'close', { signal: AbortSignal.timeout(9_000) });
          } finally {
            socket.destroy();
          }
        }),
      );
      await staysSilent(witness.client);
      await connect();
    },
  },
  {
    id: 'closes/shutdown',
    title: 'a server that stops closes its clients 3001',
    ownServer: true,
    rules: ['H9'],
    async run({ connect, server }) {
      const members = [await connect(), await connect()];
      const stopped = server.stop();
      for (const { client } of members) await closesWith(client, 3001);
      await stopped;
    },
  },
];
