import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { engineCommand } from './push-commands.ts';
import { type PushServer, startPushServer } from './push-server.ts';
import { startRedis } from './redis.ts';
import { signedToken } from './test/signed-token.ts';

const config = {
  client: { token: { hmac_secret_key: 'a key' } },
  channel: { without_namespace: { history_size: 10, history_ttl: '60s', force_recovery: true } },
  http_api: { key: 'api key' },
  log: { level: 'error' },
};
const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function startEngine(more: object = {}): Promise<PushServer> {
  const command = await engineCommand();
  const server = await startPushServer({ command, config: { ...config, ...more } });
  opened.push({ close: () => server.stop() });
  return server;
}

async function call(server: PushServer, method: string, body: object): Promise<unknown> {
  const reply = await fetch(`${server.apiUrl}/${method}`, {
    method: 'POST',
    headers: { 'x-api-key': server.apiKey },
    body: JSON.stringify(body),
  });
  expect(reply.status).toBe(200);
  return reply.json();
}

test('the engine takes a connection and a publication', { timeout: 120_000 }, async () => {
  const server = await startEngine();
  const socket = new WebSocket(server.wsUrl);
  opened.push({ close: async () => socket.close() });
  const token = signedToken({ sub: 'ann', channels: ['o/ann'] }, 'a key');
  const received: string[] = [];
  socket.on('message', (message) => received.push(...String(message).split('\n')));
  socket.on('open', () => socket.send(JSON.stringify({ id: 1, connect: { token } })));
  await expect.poll(() => received.length).toBe(1);
  expect(received[0]).toContain('"subs":{"o/ann":{');
  await call(server, 'publish', { channel: 'o/ann', data: { n: 1 } });
  await expect.poll(() => received[1]).toContain('"data":{"n":1}');
});

test('a restarted engine has the same address and another process, and has lost its history', async () => {
  const server = await startEngine();
  const before = server.pid;
  const published = { channel: 'o/ann', data: { n: 1 }, idempotency_key: randomUUID() };
  const first = await call(server, 'publish', published);
  expect(await call(server, 'publish', published)).toEqual(first);
  await server.kill();
  await expect(fetch(`${server.url}/health`)).rejects.toThrow();
  await server.restart();
  expect(server.pid).not.toBe(before);
  expect(await call(server, 'publish', published)).not.toEqual(first);
});

test('with Redis the history outlives the engine, and Redis where it keeps its data', async () => {
  const redis = await startRedis({ keepsData: true });
  opened.push(redis);
  const server = await startEngine({
    engine: { type: 'redis', redis: { address: redis.address } },
  });
  const published = { channel: 'o/ann', data: { n: 1 }, idempotency_key: randomUUID() };
  const first = await call(server, 'publish', published);
  await server.kill();
  await redis.kill();
  await redis.restart();
  await server.restart();
  expect(await call(server, 'publish', published)).toEqual(first);
});

test('a Redis that keeps nothing comes back empty', async () => {
  const redis = await startRedis();
  opened.push(redis);
  const server = await startEngine({
    engine: { type: 'redis', redis: { address: redis.address } },
  });
  const publish = () => call(server, 'publish', { channel: 'o/ann', data: { n: 1 } });
  await publish();
  expect(await publish()).toMatchObject({ result: { offset: 2 } });
  await redis.restart();
  await expect.poll(publish).toMatchObject({ result: { offset: 1 } });
});

test('a program that does not start is told with what it wrote', async () => {
  const command = await engineCommand();
  const started = startPushServer({ command, config: { ...config, engine: { type: 'nats' } } });
  await expect(started).rejects.toThrow(/engine\.type is "nats"; it can be memory or redis/);
  const missing = startPushServer({ command: ['no-such-program'], config });
  await expect(missing).rejects.toThrow(/ENOENT/);
});
