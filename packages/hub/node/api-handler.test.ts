import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { apiRig } from '../test/api-rig.ts';
import { type ApiHandlerOptions, createApiHandler } from './index.ts';

const KEY = 'api-key-of-the-hub-tests';
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** The API on a real HTTP server; `ask` is one request to it. */
async function serve(options: Partial<ApiHandlerOptions> = {}) {
  const { hub } = apiRig();
  const host = {
    hub,
    node: () => ({ uid: '', name: 'n', version: '', uptimeS: 0 }),
    failed: () => {},
  };
  const handle = createApiHandler({ host, key: KEY, ...options });
  const server = createServer((incoming, response) => {
    if (!handle(incoming, response)) response.writeHead(418).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', ...init });
    return { status: response.status, text: await response.text() };
  };
  return { hub, port, ask };
}

const withKey = (more: Record<string, string> = {}) => ({ 'x-api-key': KEY, ...more });
const publication = '{"channel":"a","data":1}';

test('[HA1] the key is taken from either header or from the query', async () => {
  const { ask } = await serve();
  const infos = await Promise.all([
    ask('/api/info', { headers: withKey() }),
    ask('/api/info', { headers: { authorization: `apikey ${KEY}` } }),
    ask('/api/info', { headers: { authorization: `ApiKey ${KEY}` } }),
    ask(`/api/info?api_key=${KEY}`),
  ]);
  expect(infos.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
});

test('[HA1] without the right key the answer is 401 with an empty body', async () => {
  const { ask, hub } = await serve();
  const refused = await Promise.all([
    ask('/api/publish', { body: publication }),
    ask('/api/publish', { body: publication, headers: { 'x-api-key': '' } }),
    ask('/api/publish', { body: publication, headers: { 'x-api-key': `${KEY}x` } }),
    ask('/api/publish', { body: publication, headers: { authorization: `Bearer ${KEY}` } }),
    ask('/api/publish?api_key=', { body: publication }),
  ]);
  expect(refused).toEqual(Array.from(refused, () => ({ status: 401, text: '' })));
  expect(hub.stats().publications).toBe(0);
});

test('[HA1] only POST is taken, and other paths are left to others', async () => {
  const { ask } = await serve();
  expect(await ask('/api/info', { method: 'GET', headers: withKey() })).toMatchObject({
    status: 405,
  });
  expect(await ask('/api/unknown', { headers: withKey() })).toMatchObject({ status: 404 });
  expect(await ask('/apinfo', { headers: withKey() })).toMatchObject({ status: 418 });
});

test('without a key in the options everybody may use the API', async () => {
  const { ask } = await serve({ key: undefined, path: '/v2/push' });
  expect(await ask('/v2/push/info')).toMatchObject({ status: 200 });
});

test('[HA2] what is no JSON is 400, and too long a body is 413', async () => {
  const { ask, hub } = await serve({ bodyBytes: 100 });
  const headers = withKey();
  expect(await ask('/api/publish', { body: '{', headers })).toEqual({
    status: 400,
    text: 'Bad Request\n',
  });
  const long = `{"channel":"a","data":"${'x'.repeat(100)}"}`;
  expect(await ask('/api/publish', { body: long, headers })).toMatchObject({ status: 413 });
  expect(hub.stats().publications).toBe(0);
});

test('[HA2] a body that does not say how long it is, is cut off at the limit', async () => {
  const { port, hub } = await serve({ bodyBytes: 100 });
  const headers = withKey({ 'transfer-encoding': 'chunked' });
  const sent = request({ port, host: '127.0.0.1', path: '/api/publish', method: 'POST', headers });
  sent.on('error', () => {});
  sent.write('x'.repeat(101));
  const [response] = await once(sent, 'response');
  expect(response.statusCode).toBe(413);
  sent.destroy();
  expect(hub.stats().publications).toBe(0);
});

test('[HA3] the error mode is that of the options or of the request', async () => {
  const inBody = await serve();
  const headers = withKey();
  const unknown = '{"channel":"x:y","data":1}';
  expect(await inBody.ask('/api/publish', { body: unknown, headers })).toEqual({
    status: 200,
    text: '{"error":{"code":102,"message":"unknown channel"}}',
  });
  const transport = { status: 404, text: '{"code":102,"message":"unknown channel"}' };
  const asked = withKey({ 'x-centrifugo-error-mode': 'transport' });
  expect(await inBody.ask('/api/publish', { body: unknown, headers: asked })).toEqual(transport);
  const always = await serve({ errorMode: 'transport' });
  expect(await always.ask('/api/publish', { body: unknown, headers })).toEqual(transport);
});
