import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { ApiHost } from '@telex/hub/api';
import { type ApiHandler, createApiHandler } from '@telex/hub/node';
import type { KeyValues } from './config/keys.ts';

/** What is served besides the WebSocket, on the main port and on the internal one. */
export interface Routes {
  readonly main: RequestListener;
  readonly internal: RequestListener;
}

/** With an internal port, health is there alone, and the API unless `http_api.external` is set. */
export function createRoutes(keys: KeyValues, host: ApiHost): Routes {
  const api = apiHandler(keys, host);
  const health: ApiHandler = (request, response) => {
    if (!keys['health.enabled'] || pathOf(request) !== keys['health.handler_prefix']) return false;
    return answer(response, 200, 'application/json', '{}');
  };
  const hasInternal = keys['http_server.internal_port'] !== undefined;
  const main = hasInternal ? (keys['http_api.external'] ? [api] : []) : [api, health];
  return { main: listener(main), internal: listener([api, health]) };
}

function apiHandler(keys: KeyValues, host: ApiHost): ApiHandler {
  if (keys['http_api.disabled']) return () => false;
  return createApiHandler({
    host,
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
