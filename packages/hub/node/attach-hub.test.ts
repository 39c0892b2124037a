import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { closeAfterEach } from '../test/close-after-each.ts';
import { connectionToken, inSeconds, subscriptionToken } from '../test/live-hub.ts';
import { refuseUpgrade } from './upgrade.ts';

const { liveHub, opened } = closeAfterEach();

/** A raw WebSocket that keeps what it was sent, message by message. */
async function rawClient(url: string, options: ClientOptions = {}) {
  const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
  opened({ close: () => socket.terminate() });
  const messages: string[] = [];
  socket.on('message', (data) => messages.push(String(data)));
  const closed = once(socket, 'close').then(([code, reason]) => ({
    code: code as number,
    reason: String(reason),
  }));
  await once(socket, 'open');
  return { socket, messages, closed };
}

/** The HTTP status that an upgrade was refused with; 101 when it was not. */
async function upgradeStatus(url: string, options: ClientOptions = {}): Promise<number> {
  const socket = new WebSocket(url, options);
  opened({ close: () => socket.terminate() });
  return await new Promise((resolve) => {
    socket.on('open', () => resolve(101));
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => {});
  });
}

const login = (user: string) =>
  JSON.stringify({ id: 1, connect: { token: connectionToken(user) } });

test('[HB50] [HB51] [HB52] a raw connect with tokens in subs is pushed to, each push in a message of its own', async () => {
  const { hub, url } = await liveHub();
  const { socket, messages } = await rawClient(url);
  const subs = {
    'o/ann': { token: subscriptionToken('ann', 'o/ann') },
    'p/ann': { token: subscriptionToken('ann', 'p/ann', { exp: inSeconds(-1) }) },
  };
  socket.send(JSON.stringify({ connect: { subs, token: connectionToken('ann') }, id: 1 }));
  await expect.poll(() => messages.length).toBe(2);
  hub.publish('o/ann', '{"n":1}');
  hub.publish('o/ann', '{"n":2}');
  hub.publish('o/ann', '{"n":3}');
  await expect.poll(() => messages.length).toBe(5);
  const objects = messages.map((message) => JSON.parse(message));
  expect(Object.keys(objects[0].connect.subs)).toEqual(['o/ann']);
  expect(objects[1].push).toEqual({
    channel: 'p/ann',
    unsubscribe: { code: 2000, reason: 'token expired' },
  });
  expect(objects.slice(2).map(({ push }) => push.pub.data.n)).toEqual([1, 2, 3]);
});

test('[HB1] a binary message is read like a text message', async () => {
  const { url } = await liveHub();
  const { socket, messages } = await rawClient(url);
  socket.send(Buffer.from(login('ann')), { binary: true });
  await expect.poll(() => messages.length).toBe(1);
});

test('[HB6] [H12] a message of 65,536 bytes is read, one byte more closes 1009', async () => {
  const { url } = await liveHub();
  const { socket, messages, closed } = await rawClient(url);
  socket.send(login('ann'));
  const command = '{"id":2,"rpc":{"data":""}}';
  socket.send(command.replace('""', `"${'x'.repeat(65_536 - command.length)}"`));
  await expect.poll(() => messages.length).toBe(2);
  socket.send(command.replace('""', `"${'x'.repeat(65_537 - command.length)}"`));
  expect((await closed).code).toBe(1009);
});

test('[H9] the close frame says code and reason', async () => {
  const { url } = await liveHub();
  const { socket, closed } = await rawClient(url);
  socket.send('nonsense');
  expect(await closed).toEqual({ code: 3501, reason: 'bad request' });
});

test('[HB36] [H8] a real client that stops reading is closed 3008; the others are not held up', async () => {
  const { hub, url } = await liveHub();
  const slow = await rawClient(url);
  const quick = await rawClient(url);
  for (const { socket, messages } of [slow, quick]) {
    socket.send(login('ann'));
    const token = subscriptionToken('ann', 'o/ann');
    socket.send(JSON.stringify({ id: 2, subscribe: { channel: 'o/ann', token } }));
    await expect.poll(() => messages.length).toBe(2);
  }
  slow.socket.pause();
  const data = JSON.stringify({ text: 'x'.repeat(10_000) });
  let published = 0;
  while (hub.stats().closes[3008] === undefined && published < 5_000) {
    hub.publish('o/ann', data);
    published += 1;
    if (published % 20 === 0) await expect.poll(() => quick.messages.length).toBe(published + 2);
  }
  expect(hub.stats().closes).toEqual({ 3008: 1 });
  await expect.poll(() => quick.messages.length).toBe(published + 2);
  slow.socket.resume();
  expect(await slow.closed).toEqual({ code: 3008, reason: 'slow' });
});

test('[HB63] pages of other origins get 403; our own pages, programs and those let in pass', async () => {
  const { url, port } = await liveHub({
    attach: { isAllowedOrigin: (origin) => origin === 'https://app.example.com' },
  });
  const status = (origin: string) => upgradeStatus(url, { origin });
  expect(await upgradeStatus(url)).toBe(101);
  expect(await status(`http://127.0.0.1:${port}`)).toBe(101);
  expect(await status('https://app.example.com')).toBe(101);
  expect(await status('https://evil.example')).toBe(403);
  expect(await status('null')).toBe(403);
  expect(await status(`http://127.0.0.1:${port}.evil.example`)).toBe(403);
});

test('[HB63] [HB62] another path is 404, and a full house 503', async () => {
  const { url } = await liveHub({ attach: { maxConnections: 1 } });
  expect(await upgradeStatus(`${url}/x`)).toBe(404);
  const { socket } = await rawClient(`${url}?format=json`);
  expect(await upgradeStatus(url)).toBe(503);
  const gone = once(socket, 'close');
  socket.close();
  await gone;
  await expect.poll(() => upgradeStatus(url)).toBe(101);
});

test('[HB67] [HB62] too many new connections in a second are answered 503, and later ones pass', async () => {
  const { url } = await liveHub({ attach: { maxConnectionsPerSecond: 2 } });
  expect(await upgradeStatus(url)).toBe(101);
  expect(await upgradeStatus(url)).toBe(101);
  expect(await upgradeStatus(url)).toBe(503);
  await expect.poll(() => upgradeStatus(url), { timeout: 5_000, interval: 200 }).toBe(101);
});

test('[HB12] a refused connect that the client does not end is cut', async () => {
  const { url } = await liveHub({ limits: { closeMs: 100 } });
  const { socket, messages, closed } = await rawClient(url);
  const token = connectionToken('ann', { exp: inSeconds(-1) });
  socket.send(JSON.stringify({ id: 1, connect: { token } }));
  expect((await closed).code).toBe(1006);
  expect(messages.map((message) => JSON.parse(message).error.code)).toEqual([109]);
});

test('[HB75] the same over TLS: replies, pushes, a large message, and the close', async () => {
  // A shared key in place of certificates, which the hub has nothing to do with.
  const psk = Buffer.alloc(16, 7);
  const shared = { ciphers: 'PSK+HIGH', maxVersion: 'TLSv1.2' } as const;
  const { hub, url } = await liveHub({ tls: { ...shared, pskCallback: () => psk } });
  const options = {
    ...shared,
    pskCallback: () => ({ psk, identity: 'test' }),
    // Nothing is wrong with a server that has no certificate.
    checkServerIdentity: () => false,
  };
  const { socket, messages, closed } = await rawClient(url, options);
  socket.send(login('ann'));
  const token = subscriptionToken('ann', 'o/ann');
  socket.send(JSON.stringify({ id: 2, subscribe: { channel: 'o/ann', token } }));
  await expect.poll(() => messages.length).toBe(2);
  hub.publish('o/ann', JSON.stringify({ text: 'x'.repeat(200_000) }));
  await expect.poll(() => messages.length).toBe(3);
  expect(messages[2]?.length).toBeGreaterThan(200_000);
  hub.disconnect({ user: 'ann' }, { code: 4501, reason: 'logged out' });
  expect(await closed).toEqual({ code: 4501, reason: 'logged out' });
});

test('a refused handshake leaves no socket behind, whatever the peer does', async () => {
  const server = createServer();
  const refused: Duplex[] = [];
  server.on('upgrade', (_request, stream: Duplex) => {
    refused.push(stream);
    refuseUpgrade(stream, '403 Forbidden');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const peer = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  opened({ close: () => void peer.destroy() });
  opened({ close: () => void server.close() });
  peer.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  expect(String((await once(peer, 'data'))[0])).toMatch(/^HTTP\/1\.1 403 /);
  await expect.poll(() => refused.map(({ destroyed }) => destroyed)).toEqual([true]);
});
