import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Hub } from '../src/index.ts';
import { beforeHttp } from './before-http.ts';
import { nodeClock } from './clock.ts';
import { ConnectionRate } from './connection-rate.ts';
import { isOwnOrigin } from './own-origin.ts';
import { readHandshake, type UpgradeRequest } from './read-handshake.ts';
import { acceptUpgrade, refuseUpgrade } from './upgrade.ts';
import { WebSocketClient } from './web-socket.ts';

export interface AttachOptions {
  readonly hub: Hub;
  readonly server: HttpServer | HttpsServer;
  /** Path of the WebSocket; others are left to whoever listens besides. */
  readonly path: string;
  /**
   * Whether a browser page of this foreign origin may connect. Pages of our own origin (its host is the
   * request's `Host`) and programs, which send none, always may. Default: no other may.
   */
  readonly isAllowedOrigin?: (origin: string, request: UpgradeRequest) => boolean;
  /** More open sockets than this are answered 503, which clients take as a reason to wait. */
  readonly maxConnections?: number;
  /** More new sockets a second than this are answered 503 too. */
  readonly maxConnectionsPerSecond?: number;
}

/** Serves the hub's WebSocket on an HTTP server. `close()` lets go of the server; idempotent. */
export function attachHub(options: AttachOptions): { close(): void } {
  const { hub, server, path } = options;
  const mostOpen = options.maxConnections ?? Number.POSITIVE_INFINITY;
  const perSecond = options.maxConnectionsPerSecond;
  const rate = perSecond === undefined ? undefined : new ConnectionRate(perSecond, nodeClock.now);
  let open = 0;
  const onGone = () => {
    open -= 1;
  };
  const onUpgrade = (request: UpgradeRequest, stream: Duplex, head: Buffer) => {
    if (pathOf(request) !== path) {
      if (server.listenerCount('upgrade') === 1) refuseUpgrade(stream, '404 Not Found');
      return;
    }
    const { origin } = request.headers;
    const isOwn = origin === undefined || isOwnOrigin(origin, request);
    if (!isOwn && options.isAllowedOrigin?.(origin, request) !== true) {
      refuseUpgrade(stream, '403 Forbidden');
      return;
    }
    if (open >= mostOpen || rate?.take() === false) {
      refuseUpgrade(stream, '503 Service Unavailable\r\nRetry-After: 5');
      return;
    }
    if (!acceptUpgrade(request, stream)) return;
    open += 1;
    stream.on('close', onGone);
    // Node's servers, plain and TLS, hand over sockets; `Duplex` is what their types say.
    const client = new WebSocketClient(stream as Socket, hub.limits.messageBytes);
    client.serve(hub.open(client), head);
  };
  server.on('upgrade', onUpgrade);
  const giveBack = beforeHttp(server, (socket, chunk) => {
    const handshake = readHandshake(chunk);
    if (handshake === undefined || pathOf(handshake.request) !== path) return false;
    onUpgrade(handshake.request, socket, handshake.rest);
    return true;
  });
  return {
    close: () => {
      giveBack();
      server.off('upgrade', onUpgrade);
    },
  };
}

function pathOf(request: UpgradeRequest): string {
  const url = request.url ?? '';
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
