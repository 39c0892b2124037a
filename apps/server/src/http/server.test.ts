import { connect } from 'node:net';
import { TelexError } from '@telex/contract';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import type { Authenticator } from './authenticator.ts';
import type { Handlers } from './handler.ts';
import { createLimiter } from './rate-limit.ts';
import { mergeHandlers, routeNames, unhandledRoutes } from './registrar.ts';
import { createHttpServer, type RequestLine } from './server.ts';

const authenticator: Authenticator = {
  check(token, use) {
    if (token === 'expired') return { ok: false, code: 'token_expired' };
    if (token !== `good-${use}`) return { ok: false, code: 'token_invalid' };
    return { ok: true, caller: { id: 'user-1', sessionId: 'session-1' } };
  },
};
const open = { burst: 1, perSecond: 0 };
const apps: FastifyInstance[] = [];

interface ServeOptions {
  readonly proxies?: string[];
  readonly failed?: unknown[];
  readonly impatient?: true;
}

function serve(handlers: Handlers, options: ServeOptions = {}) {
  const lines: RequestLine[] = [];
  const app = createHttpServer({
    authenticator,
    handlers,
    limiter: createLimiter({ anonymous: open, user: open }, () => 0),
    log: {
      request: (line) => lines.push(line),
      failed: (error) => options.failed?.push(error),
    },
    trustedProxies: options.proxies ?? [],
    ...(options.impatient ? { headersTimeoutMs: 50, timeoutCheckMs: 10 } : {}),
  });
  apps.push(app);
  return { app, lines };
}

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

const bearer = { authorization: 'Bearer good-access' };

describe('the registrar', () => {
  it('answers a route without a handler with 503, so that no path goes missing', async () => {
    const { app } = serve({});
    const reply = await app.inject({ method: 'GET', url: '/api/v1/profile', headers: bearer });
    expect(reply.statusCode).toBe(503);
    expect(reply.json()).toMatchObject({ code: 'unavailable', status_code: 503 });
    expect(reply.headers['retry-after']).toBe('1');
    expect(unhandledRoutes({})).toEqual(routeNames());
  });

  it('gives the handler the checked request and sends the full envelope with the bare key', async () => {
    const seen: unknown[] = [];
    const { app } = serve({
      async channelUserCount(context) {
        seen.push(context.params.channel_id, context.user, context.ip, context.requestId);
        return { data: { user_count: 5 } };
      },
    });
    const reply = await app.inject({
      method: 'GET',
      url: '/api/v1/channels/c1/num-users',
      headers: { ...bearer, 'x-request-id': 'trace-7' },
    });
    expect(seen).toEqual(['c1', { id: 'user-1', sessionId: 'session-1' }, '127.0.0.1', 'trace-7']);
    expect(reply.headers['x-request-id']).toBe('trace-7');
    expect(reply.headers['x-content-type-options']).toBe('nosniff');
    expect(reply.json()).toEqual({
      status: 'success',
      status_code: 200,
      message: 'OK',
      data: { user_count: 5 },
      user_count: 5,
    });
  });

  it('refuses two handlers for one route', () => {
    const part: Handlers = { logout: async () => ({}) };
    expect(() => mergeHandlers([part, part])).toThrow('logout');
  });

  it('takes either token on push routes and only the access token elsewhere', async () => {
    const { app } = serve({
      connectionToken: async () => ({ data: { token: 't' } }),
      logout: async () => ({}),
    });
    const push = { method: 'GET', url: '/api/v1/centrifugo/connection' } as const;
    const logout = { method: 'POST', url: '/api/v1/auth/logout' } as const;
    const notification = { 'x-notification-token': 'good-notification' };
    const status = async (request: typeof push | typeof logout, headers: Record<string, string>) =>
      (await app.inject({ ...request, headers })).statusCode;
    expect(await status(push, notification)).toBe(200);
    expect(await status(push, bearer)).toBe(200);
    expect(await status(push, { 'x-notification-token': 'good-access' })).toBe(401);
    expect(await status(logout, notification)).toBe(401);
    expect(await status(logout, { authorization: 'Bearer good-notification' })).toBe(401);
    expect(await status(logout, bearer)).toBe(200);
  });
});

describe('errors of the API', () => {
  const routes: Handlers = {
    async login() {
      throw new TelexError('wrong_credentials');
    },
    async profile() {
      throw new Error('secret detail of the database');
    },
    channel: async () => ({ data: { id: 'c', name: 'c', description: '' } }),
  };
  const login = { method: 'POST', url: '/api/v1/auth/login' } as const;
  const json = { 'content-type': 'application/json' };

  it.each([
    ['no JSON', login, { headers: json, payload: '{"email":' }, 400, 'malformed_json'],
    ['a missing field', login, { headers: json, payload: '{}' }, 422, 'validation_failed'],
    ['a list as body', login, { headers: json, payload: '[]' }, 422, 'validation_failed'],
    ['no body at all', login, {}, 422, 'validation_failed'],
    [
      'a prototype key',
      login,
      { headers: json, payload: '{"__proto__":{"email":"a@b"}}' },
      422,
      'validation_failed',
    ],
    [
      'another media type',
      login,
      { headers: { 'content-type': 'text/xml' }, payload: '<a/>' },
      415,
      'unsupported_media_type',
    ],
    [
      'a body over the limit',
      login,
      { headers: json, payload: `"${'x'.repeat(600_000)}"` },
      413,
      'body_too_large',
    ],
    ['an unknown path', { method: 'GET', url: '/api/v1/nothing' } as const, {}, 404, 'no_route'],
    [
      'another method',
      { method: 'DELETE', url: '/api/v1/auth/login' } as const,
      {},
      405,
      'method_not_allowed',
    ],
    [
      'a malformed id',
      { method: 'GET', url: '/api/v1/channels/%00' } as const,
      { headers: bearer },
      400,
      'malformed_id',
    ],
    [
      'bad percent encoding',
      { method: 'GET', url: '/api/v1/channels/%zz' } as const,
      { headers: bearer },
      400,
      'bad_request',
    ],
    ['no token', { method: 'GET', url: '/api/v1/profile' } as const, {}, 401, 'token_missing'],
    [
      'an expired token',
      { method: 'GET', url: '/api/v1/profile' } as const,
      { headers: { authorization: 'Bearer expired' } },
      401,
      'token_expired',
    ],
  ])(
    'answers %s in both documented shapes with a code',
    async (_what, request, more, status, code) => {
      const { app } = serve(routes);
      const reply = await app.inject({ ...request, ...more });
      expect([reply.statusCode, reply.json().code]).toEqual([status, code]);
      expect(reply.json()).toMatchObject({ status: 'error', status_code: status });
      expect(reply.json().errors[0]).toBe(reply.json().error);
      expect(reply.json().request_id).toBe(reply.headers['x-request-id']);
    },
  );

  it('names every faulty field', async () => {
    const { app } = serve(routes);
    const reply = await app.inject({ ...login, headers: json, payload: '{"email":7}' });
    expect(reply.json().errors).toEqual([
      'email must be string, not a number',
      'password is required',
    ]);
  });

  it('says which methods a path has', async () => {
    const { app } = serve(routes);
    const reply = await app.inject({ method: 'DELETE', url: '/api/v1/channels/c1/messages' });
    expect(reply.headers.allow).toBe('GET, POST');
  });

  it('keeps the cause of a failure in the log and out of the reply', async () => {
    const failed: unknown[] = [];
    const { app } = serve(routes, { failed });
    const reply = await app.inject({ method: 'GET', url: '/api/v1/profile', headers: bearer });
    expect(reply.statusCode).toBe(500);
    expect(reply.body).not.toContain('secret detail');
    expect(failed).toEqual([new Error('secret detail of the database')]);
  });

  it('notes the pattern of a route, never the path', async () => {
    const { app, lines } = serve({ webhookFeed: async () => ({}) });
    await app.inject({
      method: 'POST',
      url: '/api/v1/webhooks/feed/very-secret-slug',
      payload: { event_name: 'e', message: 'm', status: 's', username: 'u' },
    });
    expect(lines).toMatchObject([{ route: '/api/v1/webhooks/feed/:webhook_slug', status: 200 }]);
    expect(JSON.stringify(lines)).not.toContain('very-secret-slug');
  });
});

describe('behind a proxy', () => {
  async function ipSeen(proxies: string[]): Promise<string | undefined> {
    const seen: string[] = [];
    const handlers: Handlers = {
      async logout(context) {
        seen.push(context.ip);
        return {};
      },
    };
    const { app } = serve(handlers, { proxies });
    const headers = { ...bearer, 'x-forwarded-for': '203.0.113.9' };
    await app.inject({ method: 'POST', url: '/api/v1/auth/logout', headers });
    return seen[0];
  }

  it('believes X-Forwarded-For only from a trusted address', async () => {
    expect(await ipSeen([])).toBe('127.0.0.1');
    expect(await ipSeen(['10.0.0.0/8'])).toBe('127.0.0.1');
    expect(await ipSeen(['127.0.0.0/8'])).toBe('203.0.113.9');
  });
});

describe('what the HTTP parser refuses', () => {
  async function rawReply(bytes: string, options: ServeOptions = {}): Promise<string> {
    const { app } = serve({}, options);
    await app.listen({ host: '127.0.0.1', port: 0 });
    const address = app.server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
    return new Promise((resolve, reject) => {
      const socket = connect(address.port, '127.0.0.1', () => socket.write(bytes));
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
  }

  it('is answered with our envelope', async () => {
    expect(await rawReply('GET / HTTP/9.9\r\n\r\n')).toContain('"code":"bad_request"');
  });

  it('is also headers that never end', async () => {
    const reply = await rawReply('GET / HTTP/1.1\r\nhost: x\r\n', { impatient: true });
    expect(reply).toContain('"code":"bad_request"');
    expect(reply).toContain('took too long');
  });

  it('tells headers over the limit apart', async () => {
    const reply = await rawReply(`GET / HTTP/1.1\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(reply).toContain('HTTP/1.1 431');
    expect(reply).toContain('"code":"header_too_large"');
  });
});
