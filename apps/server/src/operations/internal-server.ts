import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { CONTENT_TYPE } from '@telex/hub/metrics';
import type { ApiHandler } from '@telex/hub/node';
import { askHealth, type HealthParts } from './health.ts';

export interface InternalServerOptions {
  readonly port: number;
  readonly parts: HealthParts;
  /** Prometheus text. */
  readonly metrics: () => string | Promise<string>;
  /** The hub's API, where it is wanted. */
  readonly api?: ApiHandler | undefined;
}

export interface InternalServer {
  readonly url: string;
  close(): Promise<void>;
}

/** `/metrics`, `/livez`, `/readyz` with details and the hub's `/api`, on loopback only: not for the outside. */
export async function openInternalServer(options: InternalServerOptions): Promise<InternalServer> {
  const server = createServer((request, response) => {
    if (options.api?.(request, response) === true) return;
    answer(options, request.url ?? '', response).catch(() => {
      if (!response.headersSent) send(response, 500, 'text/plain', 'failed\n');
      else response.destroy();
    });
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(
  options: InternalServerOptions,
  url: string,
  response: ServerResponse,
): Promise<void> {
  const path = url.split('?')[0];
  if (path === '/metrics') return send(response, 200, CONTENT_TYPE, await options.metrics());
  if (path === '/livez') return send(response, 200, 'application/json', '{"ok":true}\n');
  if (path === '/readyz') {
    const health = await askHealth(options.parts);
    const text = `${JSON.stringify(health)}\n`;
    return send(response, health.ok ? 200 : 503, 'application/json', text);
  }
  send(response, 404, 'text/plain', 'There are /metrics, /livez and /readyz.\n');
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
