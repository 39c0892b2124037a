import {
  BASE_PATH,
  IDEMPOTENCY_HEADER,
  type Route,
  type RouteName,
  routes,
  TelexError,
} from '@telex/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Authenticator, authenticate } from './authenticator.ts';
import { asTelexError } from './failure.ts';
import type { Caller, Handlers } from './handler.ts';
import type { Limiter } from './rate-limit.ts';
import { renderSuccess } from './reply-envelope.ts';
import { checked, checkedBody, checkIds, validationFailed } from './request-faults.ts';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | undefined;
  }
}

export interface RegistrarOptions {
  readonly authenticator: Authenticator;
  readonly handlers: Handlers;
  /** Where it has no room, the request ends with 429 before its body is read. */
  readonly limiter: Limiter;
}

interface AnyResult {
  readonly data?: unknown;
  readonly pagination?: unknown;
  readonly status?: number;
  readonly message?: string;
}
type AnyHandler = (context: unknown) => Promise<AnyResult>;

/** Handlers of several features as one table; two for one route is a bug. */
export function mergeHandlers(parts: readonly Handlers[]): Handlers {
  const merged: Record<string, unknown> = {};
  for (const [name, handler] of parts.flatMap((part) => Object.entries(part))) {
    if (name in merged) throw new Error(`two handlers for the route ${name}`);
    merged[name] = handler;
  }
  return merged;
}

/** Routes of the contract that nobody handles. */
export function unhandledRoutes(handlers: Handlers): RouteName[] {
  return routeNames().filter((name) => handlers[name] === undefined);
}

export function routeNames(): RouteName[] {
  return Object.keys(routes).filter((name): name is RouteName => Object.hasOwn(routes, name));
}

/**
 * Registers exactly the contract's routes. One without a handler answers 503 `unavailable`, so a
 * path never goes missing. The order of work: rate, token (both before the body is read), ids,
 * query, body, handler.
 */
export function registerRoutes(app: FastifyInstance, options: RegistrarOptions): void {
  app.decorateRequest('caller', undefined);
  for (const name of routeNames()) registerRoute(app, name, options);
}

function registerRoute(app: FastifyInstance, name: RouteName, options: RegistrarOptions): void {
  const route: Route = routes[name];
  const { authenticator, limiter } = options;
  // The table ties each handler to its route's types; here they are called as one kind.
  const handler = options.handlers[name] as AnyHandler | undefined;
  app.route({
    method: route.method,
    url: `${BASE_PATH}${route.path.replace(/\{(\w+)\}/g, ':$1')}`,
    config: { routeName: name },
    onRequest: (request, _reply, done) => {
      try {
        if (route.auth === 'none') limiter.takeAnonymous(request.ip);
        const caller = authenticate(authenticator, route.auth, request.headers);
        if (caller !== undefined) limiter.takeUser(caller.id);
        request.caller = caller;
        done();
      } catch (error) {
        done(asTelexError(error));
      }
    },
    handler: async (request, reply) => {
      if (handler === undefined) throw new TelexError('unavailable', `${name} is not offered yet.`);
      const result = await handler(contextOf(route, request));
      return answer(route, reply, result);
    },
  });
}

function contextOf(route: Route, request: FastifyRequest): unknown {
  const params = request.params as Readonly<Record<string, string>>;
  checkIds(params);
  return {
    body: checkedBody(route.body, request.body),
    query: checked(route.query, request.query),
    params,
    headers: request.headers,
    user: request.caller,
    idempotencyKey: route.idempotent ? readIdempotencyKey(request) : undefined,
    requestId: request.id,
    ip: request.ip,
  };
}

function readIdempotencyKey(request: FastifyRequest): string | undefined {
  const value = request.headers[IDEMPOTENCY_HEADER];
  if (value === undefined) return undefined;
  const key = checkedHeader(value);
  if (key !== undefined) return key;
  throw validationFailed([
    { path: IDEMPOTENCY_HEADER, message: 'must be 1 to 128 visible ASCII characters' },
  ]);
}

function checkedHeader(value: string | string[]): string | undefined {
  return typeof value === 'string' && /^[\x21-\x7e]{1,128}$/.test(value) ? value : undefined;
}

function answer(route: Route, reply: FastifyReply, result: AnyResult): FastifyReply {
  const status = result.status ?? route.status;
  reply.code(status);
  if (status === 204) return reply.send();
  reply.header('content-type', 'application/json; charset=utf-8');
  return reply.send(renderSuccess(route, status, result));
}
