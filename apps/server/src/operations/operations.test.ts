import { createServer } from 'node:http';
import { BASE_PATH, routes } from '@telex/contract';
import { Histogram, renderSamples } from '@telex/hub/metrics';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServerRig, serverRig } from '../testing/server-rig.ts';
import { askHealth } from './health.ts';
import { openApiDocument } from './openapi.ts';

let rig: ServerRig;
beforeAll(async () => {
  rig = await serverRig();
});
afterAll(() => rig.close());

const get = (url: string) => rig.server.app.inject({ method: 'GET', url });

describe('the OpenAPI document', () => {
  it('lists exactly the routes that are registered', async () => {
    const { paths } = (await get(`${BASE_PATH}/openapi.json`)).json();
    const listed = Object.entries<object>(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const inContract = Object.values(routes).map(
      ({ method, path }) => `${method} ${BASE_PATH}${path}`,
    );
    expect(listed.sort()).toEqual(inContract.sort());
    for (const one of listed) {
      const [method = '', path = ''] = one.split(' ');
      const url = path.replace(/\{(\w+)\}/g, ':$1');
      expect(rig.server.app.hasRoute({ method: method as 'GET', url }), one).toBe(true);
    }
  });

  it('gives each route its own operation id, its tokens, parameters and replies', () => {
    const document = JSON.parse(JSON.stringify(openApiDocument('1.2.3')));
    const operations = Object.values<Record<string, { operationId: string }>>(document.paths)
      .flatMap((path) => Object.values(path))
      .map(({ operationId }) => operationId);
    expect(new Set(operations).size).toBe(Object.keys(routes).length);
    const members = document.paths[`${BASE_PATH}/organisations/{org_id}/users`].get;
    expect(members.security).toEqual([{ access: [] }]);
    expect(members.parameters.map(({ name }: { name: string }) => name)).toEqual([
      'org_id',
      'cursor',
      'limit',
      'page_size',
      'page',
    ]);
    const login = document.paths[`${BASE_PATH}/auth/login`].post;
    expect(login.requestBody.content['application/json'].schema.required).toEqual([
      'email',
      'password',
    ]);
    expect(JSON.stringify(document)).not.toContain('$schema');
  });
});

describe('health', () => {
  it('is told in short to everyone and in full inside', async () => {
    expect((await get('/livez')).json()).toEqual({ ok: true });
    expect((await get('/readyz')).json()).toEqual({ ok: true });
    const inside = await (await fetch(`${rig.server.internalUrl}/readyz`)).json();
    expect(inside).toMatchObject({
      ok: true,
      parts: { database: { ok: true }, hub: { ok: true }, outbox: { details: { waiting: 0 } } },
    });
  });

  it('is bad when one part is, or throws', async () => {
    const good = () => ({ ok: true });
    expect((await askHealth({ a: good, b: () => ({ ok: false }) })).ok).toBe(false);
    const broken = () => {
      throw new Error('broken');
    };
    expect(await askHealth({ a: good, b: broken })).toEqual({
      ok: false,
      parts: { a: { ok: true }, b: { ok: false } },
    });
  });
});

describe('metrics', () => {
  it('are Prometheus text, on the internal listener alone', async () => {
    await get('/livez');
    const reply = await fetch(`${rig.server.internalUrl}/metrics`);
    expect(reply.headers.get('content-type')).toContain('version=0.0.4');
    const text = await reply.text();
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)*\})? [\d.e+-]+)$/);
    }
    expect(text).toContain('telex_http_request_seconds_count{method="GET",route="/livez"');
    expect(text).toContain('telex_hub_connections 0');
    expect(text).toContain('telex_events_published_total');
    expect((await get('/metrics')).statusCode).toBe(404);
    expect((await fetch(`${rig.server.internalUrl}/nothing`)).status).toBe(404);
  });

  it('count into buckets that include each other', () => {
    const histogram = new Histogram('x_seconds', 'X.');
    for (const seconds of [0.0005, 0.003, 99]) histogram.observe('k', seconds, () => ({ a: '"' }));
    const text = histogram.render();
    expect(text).toContain('x_seconds_bucket{a="\\"",le="0.001"} 1');
    expect(text).toContain('x_seconds_bucket{a="\\"",le="10"} 2');
    expect(text).toContain('x_seconds_bucket{a="\\"",le="+Inf"} 3');
    expect(text).toContain('x_seconds_count{a="\\""} 3');
    const sample = { name: 'y', help: 'Y.', type: 'gauge', values: [{ value: 1 }] } as const;
    expect(renderSamples([sample])).toBe('# HELP y Y.\n# TYPE y gauge\ny 1\n');
  });
});

describe('the page at /', () => {
  it('says what this is, without scripts and under a policy that allows none', async () => {
    const page = await get('/');
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-/,
    );
    expect(page.body).toContain('<html lang="en">');
    expect(page.body).toContain('color-scheme: light dark');
    expect(page.body).toContain('href="/api/v1/openapi.json"');
    expect(page.body).not.toMatch(/<script|\son\w+=|http:\/\//);
  });
});

it('a taken internal port is one clear error', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    await expect(serverRig(['--internal-port', String(port)])).rejects.toMatchObject({
      code: 'port_taken',
      message: expect.stringContaining('--internal-port'),
    });
  } finally {
    other.close();
  }
});
