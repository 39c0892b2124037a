import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { ApiHost } from '@telex/hub/api';
import { CONTENT_TYPE } from '@telex/hub/metrics';
import { type ApiHandler, createApiHandler } from '@telex/hub/node';
import type { KeyValues } from './config/keys.ts';
import type { Figures } from './figures.ts';

/** What the routes are about. */
export interface RouteHost {
  readonly api: ApiHost;
  readonly figures: Figures;
}

/** What is served besides the WebSocket, on the main port and on the internal one. */
export interface Routes {
  readonly main: RequestListener;
  readonly internal: RequestListener;
}

/** With an internal port, metrics and health are there alone, and the API unless `http_api.external` is set. */
export function createRoutes(keys: KeyValues, host: RouteHost): Routes {
  const api = apiHandler(keys, host);
  const metrics: ApiHandler = (request, response) => {
    const isOn = keys['prometheus.enabled'];
    if (!isOn || pathOf(request) !== keys['prometheus.handler_prefix']) return false;
    return answer(response, 200, CONTENT_TYPE, host.figures.render());
  };
  const health: ApiHandler = (request, response) => {
    if (!keys['health.enabled'] || pathOf(request) !== keys['health.handler_prefix']) return false;
    return answer(response, 200, 'application/json', '{}');
  };
  const hasInternal = keys['http_server.internal_port'] !== undefined;
  const main = hasInternal ? (keys['http_api.external'] ? [api] : []) : [api, metrics, health];
  return { main: listener(main), internal: listener([api, metrics, health]) };
}

function apiHandler(keys: KeyValues, { api, figures }: RouteHost): ApiHandler {
  if (keys['http_api.disabled']) return () => false;
  return createApiHandler({
    host: api,
    answered: (method, seconds) => figures.apiAnswered(method, seconds),
    key: keys['http_api.insecure'] ? undefined : keys['http_api.key'],
    path: keys['http_api.handler_prefix'],
    errorMode: keys['http_api.error_mode'] === 'transport' ? 'transport' : 'body',
  });
}

function listener(handlers: readonly ApiHandler[]): RequestListener {
  return (request, response) => {
    const isTaken = handlers.some((handle) => handle(request, response));
    if (!isTaken) answer(response, 404, 'text/plain; charset=utf-8', 'There is nothing here.\n');
  };
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

function answer(response: ServerResponse, status: number, type: string, text: string): true {
  const headers = { 'content-type': type, 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, headers).end(text);
  return true;
}
