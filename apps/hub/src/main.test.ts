import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { type AddressInfo, createServer, connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { issueCertificate } from '@telex/testkit';
import { afterEach, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.mjs', import.meta.url));
const API_KEY = 'the api key';
const CONNECTION_KEY = 'the connection key';

const folders: string[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

type Tree = Readonly<Record<string, unknown>>;

/** A configuration on a free port of this machine. */
async function basic(
  more: Tree = {},
): Promise<Tree & { readonly http_server: { readonly port: number; readonly address: string } }> {
  return {
    http_server: { address: '127.0.0.1', port: await freePort() },
    client: { token: { hmac_secret_key: CONNECTION_KEY } },
    http_api: { key: API_KEY },
    health: { enabled: true },
    ...more,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function configFile(config: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'telex-hub-'));
  folders.push(folder);
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** The program as a process, with what it has written so far. */
function start(...words: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const written = { out: '', log: '' };
  child.stdout.on('data', (chunk) => {
    written.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    written.log += chunk;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const logged = (text: string) =>
    expect.poll(() => written.log, { timeout: 10_000 }).toContain(text);
  return { child, written, ended, logged };
}

async function startReady(config: Tree) {
  const file = configFile(config);
  const program = start('--config', file);
  await program.logged('"message":"ready"');
  return { ...program, file };
}

function api(port: number, method: string, body: object = {}) {
  return fetch(`http://127.0.0.1:${port}/api/${method}`, {
    method: 'POST',
    headers: { 'x-api-key': API_KEY },
    body: JSON.stringify(body),
  });
}

function token(key: string, user = 'ann'): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 600;
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: user, exp })}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

/** A raw client that has sent its connect; messages come as they are. */
async function connect(port: number, key = CONNECTION_KEY) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/connection/websocket`);
  const messages: string[] = [];
  socket.addEventListener('message', ({ data }) => messages.push(String(data)));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }));
  });
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  socket.send(JSON.stringify({ id: 1, connect: { token: token(key) } }));
  return { socket, messages, closed };
}

test('it serves WebSocket, API and health, and tells its clients to come back when it ends', async () => {
  const config = await basic({
    prometheus: { enabled: true },
    channel: { without_namespace: { allow_subscribe_for_client: true } },
  });
  const { port } = config.http_server;
  const program = await startReady(config);
  const health = await fetch(`http://127.0.0.1:${port}/health`);
  expect([health.status, await health.text()]).toEqual([200, '{}']);
  const { socket, messages, closed } = await connect(port);
  socket.send(JSON.stringify({ id: 2, subscribe: { channel: 'news' } }));
  await expect.poll(() => messages.join('\n')).toContain('{"id":2,"subscribe":{}}');
  const published = await api(port, 'publish', { channel: 'news', data: { n: 1 } });
  expect(await published.json()).toEqual({ result: {} });
  await expect.poll(() => messages.at(-1)).toContain('"data":{"n":1}');
  expect(await (await api(port, 'info')).json()).toMatchObject({
    result: { nodes: [{ num_clients: 1, num_subs: 1, num_users: 1 }] },
  });
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(metrics).toContain('centrifugo_node_num_clients 1\n');
  expect(metrics).toMatch(/^centrifugo_api_command_duration_seconds_count\{.*"publish"\} 1$/m);
  program.child.kill('SIGTERM');
  expect(await closed).toEqual({ code: 3001, reason: 'shutdown' });
  expect(await program.ended).toBe(0);
  expect(program.written.log).toContain('"message":"stopped"');
  for (const secret of [API_KEY, CONNECTION_KEY]) expect(program.written.log).not.toContain(secret);
});

test('a client that does not answer the close holds nothing up for long', async () => {
  const config = await basic({ shutdown: { timeout: '1s' } });
  const program = await startReady(config);
  const silent = dial(config.http_server.port, '127.0.0.1');
  silent.on('error', () => {});
  silent.write(
    'GET /connection/websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(silent, 'data');
  program.child.kill('SIGINT');
  expect(await program.ended).toBe(0);
  silent.destroy();
});

test('with an internal port, API and health are there alone', async () => {
  const internal = await freePort();
  const config = await basic();
  const { http_server: http } = config;
  await startReady({
    ...config,
    http_server: { ...http, internal_address: '127.0.0.1', internal_port: String(internal) },
  });
  expect((await api(http.port, 'info')).status).toBe(404);
  expect((await fetch(`http://127.0.0.1:${http.port}/health`)).status).toBe(404);
  expect((await api(internal, 'info')).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${internal}/health`)).status).toBe(200);
  const { messages } = await connect(http.port);
  await expect.poll(() => messages[0]).toContain('"connect":{"client"');
});

test('SIGHUP takes over token keys, and says what wants a restart', async () => {
  const config = await basic();
  const { port } = config.http_server;
  const { child, file, logged } = await startReady(config);
  const kept = await connect(port);
  await expect.poll(() => kept.messages.length).toBe(1);
  const next = { ...config, client: { token: { hmac_secret_key: 'new' }, channel_limit: 5 } };
  writeFileSync(file, JSON.stringify(next));
  child.kill('SIGHUP');
  await logged('"keys":["client.channel_limit"]');
  expect(await (await connect(port)).closed).toMatchObject({ code: 3500 });
  const renewed = await connect(port, 'new');
  await expect.poll(() => renewed.messages[0]).toContain('"connect":{"client"');
  writeFileSync(file, '{"client":');
  child.kill('SIGHUP');
  await logged('the configuration was not reloaded');
  expect((await api(port, 'info')).status).toBe(200);
  expect(kept.socket.readyState).toBe(WebSocket.OPEN);
});

test('it serves TLS with a certificate from a file or from text', async () => {
  const issued = issueCertificate(['127.0.0.1'], Date.now());
  const folder = mkdtempSync(join(tmpdir(), 'telex-hub-'));
  folders.push(folder);
  writeFileSync(join(folder, 'cert.pem'), issued.cert);
  const config = await basic();
  const { http_server: http } = config;
  const tls = {
    enabled: true,
    cert_pem: join(folder, 'cert.pem'),
    key_pem: Buffer.from(issued.key).toString('base64'),
  };
  const { written } = await startReady({ ...config, http_server: { ...http, tls } });
  expect(written.log).toContain(`"url":"https://127.0.0.1:${http.port}"`);
  const asked = request({ host: '127.0.0.1', port: http.port, path: '/health', ca: issued.ca });
  asked.end();
  const [response] = await once(asked, 'response');
  response.resume();
  expect(response.statusCode).toBe(200);
});

test('what is wrong with a configuration is told before anything listens', async () => {
  const config = await basic({ admin: { enabled: true }, colour: 'red' });
  const program = start('--config', configFile(config));
  expect(await program.ended).toBe(2);
  expect(program.written.log).toMatch(
    /- admin\.enabled can only be false.*\n- colour is not a key/,
  );
});

test('--check says whether a configuration can be run, keys and certificate too', async () => {
  const config = await basic();
  const good = start('--check', '--config', configFile(config));
  expect(await good.ended).toBe(0);
  expect(good.written.out).toContain('is a configuration that telex-hub can run');
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const wrongKey = { ...config, client: { token: { rsa_public_key: privateKey } } };
  const bad = start('--check', '--config', configFile(wrongKey));
  expect(await bad.ended).toBe(2);
  expect(bad.written.log).toContain('client.token.rsa_public_key is a private key');
  expect(bad.written.log).not.toContain('BEGIN');
});

test('a port that is taken, a missing file and unknown words are told in one sentence', async () => {
  const config = await basic();
  await startReady(config);
  const second = start('--config', configFile(config));
  expect(await second.ended).toBe(1);
  expect(second.written.log).toContain(`Port ${config.http_server.port} is taken`);
  const missing = start('--config', '/nowhere/config.json');
  expect(await missing.ended).toBe(2);
  expect(missing.written.log).toBe('/nowhere/config.json cannot be read (ENOENT).\n');
  const unknown = start('--colour');
  expect(await unknown.ended).toBe(2);
  expect(unknown.written.log).toContain('--colour is not an option');
  const nothing = start();
  expect(await nothing.ended).toBe(2);
  expect(nothing.written.log).toContain('--config FILE');
});

test('--help has every key, --version the version', async () => {
  const help = start('--help');
  expect(await help.ended).toBe(0);
  for (const text of ['http_server.port = 8000', 'client.ping_interval = "25s"', '  presence =']) {
    expect(help.written.out).toContain(text);
  }
  const version = start('--version');
  expect(await version.ended).toBe(0);
  expect(version.written.out).toMatch(/^telex-hub \d+\.\d+\.\d+\n$/);
});
