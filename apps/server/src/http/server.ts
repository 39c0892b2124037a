import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { BASE_PATH, parseJson, routes, TelexError } from '@telex/contract';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import { asTelexError, renderFailure } from './failure.ts';
import { type RegistrarOptions, registerRoutes } from './registrar.ts';

/** Port: where requests and failures are noted. Never given a body, a token or a full URL. */
export interface RequestLog {
  request(line: RequestLine): void;
  failed(error: unknown, line: RequestLine): void;
}

export interface RequestLine {
  readonly requestId: string;
  readonly method: string;
  /** The route's pattern, never the path: a webhook's path holds its secret. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
}

export interface HttpOptions extends RegistrarOptions {
  readonly log: RequestLog;
  /** Addresses and CIDR ranges whose `X-Forwarded-For` is believed; none by default. */
  readonly trustedProxies?: readonly string[];
  /** Certificate and key in PEM; without it plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly bodyLimitBytes?: number;
  readonly headersTimeoutMs?: number;
  /** How often it is looked whose time is up. */
  readonly timeoutCheckMs?: number;
}

export const BODY_LIMIT_BYTES = 512 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
const TIMEOUT_CHECK_MS = 5000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/**
 * No route here has a schema of Fastify's: the registrar checks with the contract's. Naming compilers
 * keeps Fastify from loading its own, which are 150 modules.
 */
const NO_COMPILERS: NonNullable<
  NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']
> = { buildValidator: refuseSchema, buildSerializer: refuseSchema };

function refuseSchema(): never {
  throw new Error('a route has a Fastify schema; describe it in the contract instead');
}

/** The API as a Fastify instance, not listening yet. */
export function createHttpServer(options: HttpOptions): FastifyInstance {
  const app = fastifyInstance(options);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, parseBody);
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(SECURITY_HEADERS).header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    options.log.request(lineOf(request, reply));
    done();
  });
  app.setErrorHandler((thrown, request, reply) => fail(options.log, thrown, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const allowed = methodsOf(request.url);
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    const error =
      allowed.length > 0
        ? new TelexError('method_not_allowed', `Use ${allowed.join(' or ')} here.`)
        : new TelexError('no_route', 'There is no such path; the API is described at /.');
    return fail(options.log, error, request, reply);
  });
  registerRoutes(app, options);
  return app;
}

function fastifyInstance(options: HttpOptions): FastifyInstance {
  const { tls, trustedProxies = [] } = options;
  const node = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: options.headersTimeoutMs ?? HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: options.timeoutCheckMs ?? TIMEOUT_CHECK_MS,
  };
  const common = {
    logger: false,
    bodyLimit: options.bodyLimitBytes ?? BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: true,
    // While closing, what comes in on an open connection is answered as ever: its parts say 503.
    return503OnClosing: false,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    schemaController: { compilersFactory: NO_COMPILERS },
    routerOptions: { maxParamLength: 1024 },
    genReqId: (request: { headers: Record<string, unknown> }) =>
      requestId(request.headers['x-request-id']),
    clientErrorHandler: answerParserError,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      fail(options.log, error, request, reply);
    },
  };
  if (tls === undefined) return fastify({ ...common, http: node });
  // Same surface for both; only the type of the raw server differs, and nothing here uses it.
  return fastify({
    ...common,
    https: { ...node, cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2' },
  }) as unknown as FastifyInstance;
}

/** A sane id from outside is kept, so that one request can be followed through several logs. */
function requestId(given: unknown): string {
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}

async function parseBody(_request: FastifyRequest, body: string | Buffer): Promise<unknown> {
  const text = body.toString();
  if (text === '') return undefined;
  const parsed = parseJson(text);
  if (parsed.ok) return parsed.value;
  throw new TelexError('malformed_json', 'The body is not valid JSON.');
}

function lineOf(request: FastifyRequest, reply: FastifyReply): RequestLine {
  return {
    requestId: request.id,
    method: request.method,
    route: request.routeOptions.url ?? 'none',
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
  };
}

function fail(
  log: RequestLog,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const error = asTelexError(thrown);
  const { status, headers, body } = renderFailure(error, request.id);
  reply.code(status);
  if (status >= 500) log.failed(thrown, lineOf(request, reply));
  // Said again here, since what the router refuses never reaches a hook.
  return reply
    .headers(SECURITY_HEADERS)
    .header('x-request-id', request.id)
    .headers(headers)
    .header('content-type', 'application/json; charset=utf-8')
    .send(body);
}

/** The methods the contract has for a path, by the patterns; only asked when nothing matched. */
function methodsOf(url: string): string[] {
  const path = url.split('?')[0] ?? '';
  const found = Object.values(routes)
    .filter((route) => patternOf(route.path).test(path))
    .map((route) => route.method);
  return [...new Set<string>(found)].sort();
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${BASE_PATH}${path.replace(/\{\w+\}/g, '[^/]+')}$`);
}

/** What the HTTP parser refuses never becomes a request; it is answered on the bare socket. */
function answerParserError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const reason =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new TelexError('header_too_large')
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new TelexError('bad_request', 'The request took too long to arrive.')
        : new TelexError('bad_request', 'This is not HTTP as it should be.');
  const { status, body } = renderFailure(reason, undefined);
  socket.end(
    `HTTP/1.1 ${status} ${status === 431 ? 'Request Header Fields Too Large' : 'Bad Request'}\r\n` +
      'connection: close\r\ncontent-type: application/json; charset=utf-8\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
