import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { closeAfterEach } from '../test/close-after-each.ts';
import { connectionToken } from '../test/live-hub.ts';
import { maskedFrame } from '../test/masked-frame.ts';

const { liveHub, opened } = closeAfterEach();

const HEADERS = {
  Host: 'localhost',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
};

/** A bare TCP client after its handshake, and what it reads from then on. */
async function handshake(port: number, headers: object = {}, method = 'GET', path?: string) {
  const socket = connect(port, '127.0.0.1');
  opened({ close: () => void socket.destroy() });
  const lines = Object.entries({ ...HEADERS, ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.write(
    `${method} ${path ?? '/connection/websocket'} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return { socket, answer: answer.toString('latin1') };
}

/** Everything that comes until the peer ends. */
async function rest(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

const closeFrame = (code: number, reason: string) =>
  Buffer.concat([
    Buffer.from([0x88, 2 + reason.length, code >>> 8, code & 0xff]),
    Buffer.from(reason),
  ]);

test('[HB74] the handshake is answered as RFC 6455 says, without extensions', async () => {
  const { port } = await liveHub();
  const { answer } = await handshake(port, {
    'Sec-WebSocket-Extensions': 'permessage-deflate',
    'Sec-WebSocket-Protocol': 'centrifuge-protobuf, centrifuge-json',
  });
  expect(answer).toMatch(/^HTTP\/1\.1 101 /);
  expect(answer).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  expect(answer).toContain('Sec-WebSocket-Protocol: centrifuge-json');
  expect(answer).not.toContain('Extensions');
});

test('[HB74] what is no WebSocket handshake is refused', async () => {
  const { port } = await liveHub();
  const status = async (headers: object, method?: string) =>
    (await handshake(port, headers, method)).answer.slice(9, 12);
  expect(await status({}, 'POST')).toBe('400');
  expect(await status({ Upgrade: 'h2c' })).toBe('400');
  expect(await status({ 'Sec-WebSocket-Version': '8' })).toBe('426');
  expect(await status({ 'Sec-WebSocket-Key': 'short' })).toBe('400');
});

test('[HB73] a ping is answered with its payload, and a close frame with its code; then the stream ends', async () => {
  const { port, hub } = await liveHub();
  const { socket } = await handshake(port);
  socket.write(maskedFrame('hello', { opcode: 9 }));
  const [pong] = (await once(socket, 'data')) as [Buffer];
  expect(pong).toEqual(Buffer.concat([Buffer.from([0x8a, 5]), Buffer.from('hello')]));
  socket.write(maskedFrame('\x03\xe8bye', { opcode: 8 }));
  expect(await rest(socket)).toEqual(Buffer.from([0x88, 2, 0x03, 0xe8]));
  await expect.poll(() => hub.stats().connections).toBe(0);
});

test('[HB73] pings of a peer that reads nothing do not pile up', async () => {
  const { port } = await liveHub();
  const { socket } = await handshake(port);
  socket.pause();
  const pings = Buffer.concat(
    Array.from({ length: 5_000 }, () => maskedFrame('x'.repeat(125), { opcode: 9 })),
  );
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < 40; round += 1) {
    if (!socket.write(pings)) await once(socket, 'drain');
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
});

test('[HB71] broken frames and text that is no UTF-8 are closed with their code at once', async () => {
  const { port, hub } = await liveHub();
  const unmasked = await handshake(port);
  unmasked.socket.write(Buffer.from([0x81, 0x01, 0x61]));
  expect(await rest(unmasked.socket)).toEqual(closeFrame(1002, 'protocol error'));
  const latin1 = await handshake(port);
  latin1.socket.write(maskedFrame('{"\xff":1}'));
  expect(await rest(latin1.socket)).toEqual(closeFrame(1007, 'invalid UTF-8'));
  await expect.poll(() => hub.stats().connections).toBe(0);
});

test('[HB13] a peer that goes away without a close frame is forgotten', async () => {
  const { port, hub } = await liveHub();
  const ended = await handshake(port);
  const reset = await handshake(port);
  expect(hub.stats().connections).toBe(2);
  ended.socket.end();
  reset.socket.resetAndDestroy();
  await expect.poll(() => hub.stats().connections).toBe(0);
});

test('[HB70] the first frame may come along with the handshake', async () => {
  const { port } = await liveHub();
  const socket = connect(port, '127.0.0.1');
  opened({ close: () => void socket.destroy() });
  const lines = Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}`);
  const login = JSON.stringify({ id: 1, connect: { token: connectionToken('ann') } });
  const request = `GET /connection/websocket HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
  socket.write(Buffer.concat([Buffer.from(request), maskedFrame(login)]));
  let read = '';
  socket.on('data', (chunk: Buffer) => {
    read += chunk.toString('latin1');
  });
  await expect.poll(() => read).toContain('"connect":{"client":');
});
