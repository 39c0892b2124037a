import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Hub, HubConnection, HubSocket } from '../src/index.ts';

export interface AttachOptions {
  readonly hub: Hub;
  readonly server: HttpServer | HttpsServer;
  /** Path of the WebSocket; others are left to whoever listens besides. */
  readonly path: string;
  /**
   * Whether a browser page of this foreign origin may connect. Pages of our own origin (its host is the
   * request's `Host`) and programs, which send none, always may. Default: no other may.
   */
  readonly isAllowedOrigin?: (origin: string, request: IncomingMessage) => boolean;
  /** More open sockets than this are answered 503, which clients take as a reason to wait. */
  readonly maxConnections?: number;
}

/** Serves the hub's WebSocket on an HTTP server. `close()` lets go of the server; idempotent. */
export function attachHub(options: AttachOptions): { close(): void } {
  const { hub, server, path } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: hub.limits.messageBytes,
    perMessageDeflate: false,
    skipUTF8Validation: false,
  });
  let open = 0;
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    if (pathOf(request) !== path) {
      if (server.listenerCount('upgrade') === 1) refuse(stream, '404 Not Found');
      return;
    }
    const { origin } = request.headers;
    const isOwn = origin === undefined || isOwnOrigin(origin, request);
    if (!isOwn && options.isAllowedOrigin?.(origin, request) !== true) {
      refuse(stream, '403 Forbidden');
      return;
    }
    if (open >= (options.maxConnections ?? Number.POSITIVE_INFINITY)) {
      refuse(stream, '503 Service Unavailable\r\nRetry-After: 5');
      return;
    }
    sockets.handleUpgrade(request, stream, head, (webSocket) => {
      open += 1;
      webSocket.once('close', () => {
        open -= 1;
      });
      serve(hub, webSocket, stream);
    });
  };
  server.on('upgrade', onUpgrade);
  return {
    close: () => {
      server.off('upgrade', onUpgrade);
      sockets.close();
    },
  };
}

function serve(hub: Hub, webSocket: WebSocket, stream: Duplex): void {
  const socket = new StreamSocket(webSocket, stream);
  const connection = hub.open(socket);
  socket.onDrained = connection;
  webSocket.on('message', (data: Buffer) => connection.receive(data.toString('utf8')));
  webSocket.on('close', () => connection.closed());
  // `ws` closes with the fitting code (1009, 1007, 1002) by itself; the close event follows.
  webSocket.on('error', () => {});
}

/**
 * Frames are written straight to the stream: without compression or fragments nothing else is ever
 * queued there but ws' own control frames, which it writes whole and at once.
 */
class StreamSocket implements HubSocket {
  readonly #webSocket: WebSocket;
  readonly #stream: Duplex;
  /** Told when the stream takes more. */
  onDrained: HubConnection | undefined;

  constructor(webSocket: WebSocket, stream: Duplex) {
    this.#webSocket = webSocket;
    this.#stream = stream;
  }

  write(frames: Uint8Array): boolean {
    const stream = this.#stream;
    if (this.#webSocket.readyState !== this.#webSocket.OPEN || !stream.writable) return true;
    // A large write is answered with false also when the network took it all at once.
    if (stream.write(frames) || stream.writableLength === 0) return true;
    stream.once('drain', () => this.onDrained?.drained());
    return false;
  }

  bufferedBytes(): number {
    return this.#stream.writableLength;
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
  }

  terminate(): void {
    this.#webSocket.terminate();
  }
}

function isOwnOrigin(origin: string, { headers }: IncomingMessage): boolean {
  try {
    return new URL(origin).host === headers.host?.toLowerCase();
  } catch {
    return false;
  }
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '';
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function refuse(stream: Duplex, status: string): void {
  stream.on('error', () => {});
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
