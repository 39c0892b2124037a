// One Redis, two push servers: the server publishes to the one, clients are connected to the other.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ApiCaller,
  createApiCaller,
  launchServer,
  type PushBehind,
  type PushServer,
  type ServerProcess,
  startPushBehind,
} from '@telex/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createNodePorts } from '../node/index.ts';
import { previews, type Watched, watch } from './harness.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'telex-nodes-'));
const open: { close(): Promise<unknown> }[] = [];
let publishing: PushBehind;
let holding: PushServer;
let server: ServerProcess;
let api: ApiCaller;

beforeAll(async () => {
  publishing = await startPushBehind('engine-redis', dataDir);
  holding = await publishing.startNode();
  const socket = ['--centrifugo-socket', holding.wsUrl];
  server = await launchServer({ dataDir, demo: true, flags: [...publishing.flags, ...socket] });
  api = createApiCaller(server.ready.url, server.ready.ca_file);
}, 120_000);
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});
afterAll(async () => {
  api?.close();
  await server?.stop();
  await holding?.stop();
  await publishing?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function demo(): NonNullable<ServerProcess['ready']['demo']> {
  if (server.ready.demo === undefined) throw new Error('no demo organisation');
  return server.ready.demo;
}

async function accessToken(number: 0 | 1): Promise<string> {
  const { email, password } = demo().accounts[number];
  return (await api.call('login', { body: { email, password } })).access_token;
}

async function signedIn(): Promise<Watched> {
  const ca = readFileSync(server.ready.ca_file ?? '', 'utf8');
  const client = watch(server.ready.url, createNodePorts({ ca }), { allowLoopbackHttp: false });
  open.push(client.session);
  await client.session.signIn(demo().accounts[0]);
  await client.until(() => client.of('caught-up').length > 0);
  return client;
}

async function post(content: string): Promise<void> {
  const params = { channel_id: demo().channel.id };
  await api.call('postMessage', { params, token: await accessToken(1), body: { content } });
}

test('what is published to one node arrives at the clients of the other', async () => {
  const client = await signedIn();
  await post('from node to node');
  await client.until(() => previews(client).includes('from node to node'));
});

test('the death of the node that is published to loses nothing', async () => {
  const client = await signedIn();
  await publishing.server.kill();
  await post('nobody takes this');
  await publishing.server.restart();
  await client.until(() => previews(client).includes('nobody takes this'));
  await post('taken at once');
  await client.until(() => previews(client).includes('taken at once'));
  expect(previews(client)).toEqual(['nobody takes this', 'taken at once']);
});

test('a session revoked elsewhere ends at the node that holds it, within a second', async () => {
  const client = await signedIn();
  const token = await accessToken(0);
  const revokedAt = performance.now();
  for (const { session_id, current } of await api.call('sessions', { token })) {
    if (!current) await api.call('revokeSession', { token, body: { session_id } });
  }
  expect(await client.untilState('signed-out')).toMatchObject({ reason: 'ended' });
  expect(performance.now() - revokedAt).toBeLessThan(1_500);
});
