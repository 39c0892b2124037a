import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { PUSH_PATH } from '@telex/contract';
import { defaultLimits, disconnects } from '@telex/hub';
import { isOwnOrigin, refuseUpgrade } from '@telex/hub/node';
import type { Passage } from './command-gate.ts';
import { forwardedForOf } from './forwarded-for.ts';
import { shakeHands } from './handshake.ts';
import { ProxiedSocket } from './proxied-socket.ts';
import { SessionIndex } from './session-index.ts';

export interface ProxyOptions {
  readonly server: HttpServer | HttpsServer;
  /** `ws(s)://` address of Centrifugo's WebSocket. */
  readonly target: string;
  readonly isAllowedOrigin: (origin: string, request: IncomingMessage) => boolean;
  /** Looks at each message of a client. */
  readonly gate: (message: string) => Passage;
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** More open connections than this are answered 503. */
  readonly maxConnections?: number;
  readonly handshakeMs?: number;
}

export interface SocketProxy {
  readonly open: number;
  /** Ends the connections of a session, for good. */
  endSession(session: string): void;
  /** Takes no more, and tells those that are open to come back. Idempotent. */
  close(): void;
}

const HANDSHAKE_MS = 5000;
const MAX_CONNECTIONS = 100_000;
/** Seconds after which a client that found nobody should try again. */
const AWAY = '503 Service Unavailable\r\nRetry-After: 2';

/** Hands WebSockets of the documented path on to Centrifugo. */
export function attachProxy(options: ProxyOptions): SocketProxy {
  const { server, gate, handshakeMs: limitMs = HANDSHAKE_MS } = options;
  const { maxConnections = MAX_CONNECTIONS } = options;
  const target = new URL(options.target.replace(/^ws/, 'http'));
  const forwardedFor = forwardedForOf(options.trustedProxies);
  const streams = new Set<Duplex>();
  const sockets = new Set<ProxiedSocket>();
  const sessions = new SessionIndex<ProxiedSocket>();
  let isClosed = false;

  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    if (request.url?.split('?')[0] !== PUSH_PATH) {
      if (server.listenerCount('upgrade') === 1) refuseUpgrade(stream, '404 Not Found');
    } else if (!isAllowed(request)) refuseUpgrade(stream, '403 Forbidden');
    else if (streams.size >= maxConnections) refuseUpgrade(stream, AWAY);
    else {
      streams.add(stream);
      stream.once('close', () => streams.delete(stream));
      // Node's servers, plain and TLS, hand over sockets; `Duplex` is what their types say.
      void handOn(request, stream as Socket, head);
    }
  };

  function isAllowed(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    return (
      origin === undefined ||
      isOwnOrigin(origin, request) ||
      options.isAllowedOrigin(origin, request)
    );
  }

  async function handOn(request: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
    const { answer, cancel } = shakeHands({
      ...{ target, request, limitMs },
      forwardedFor: forwardedFor(request),
    });
    client.setTimeout(0);
    client.on('error', cancel);
    client.once('close', cancel);
    const handshake = await answer;
    client.off('close', cancel);
    if (handshake.kind !== 'open') {
      refuseUpgrade(client, handshake.kind === 'away' ? AWAY : handshake.status);
    } else if (client.destroyed || isClosed) {
      handshake.upstream.destroy();
      refuseUpgrade(client, AWAY);
    } else {
      client.write(handshake.acceptance);
      begin(client, handshake.upstream).serve(head, handshake.head);
    }
  }

  function begin(client: Socket, upstream: Duplex): ProxiedSocket {
    const socket: ProxiedSocket = new ProxiedSocket({
      ...{ client, upstream, gate },
      messageBytes: defaultLimits.messageBytes,
      joined: (session) => sessions.add(session, socket),
    });
    sockets.add(socket);
    client.once('close', () => {
      sockets.delete(socket);
      sessions.remove(socket);
    });
    return socket;
  }

  server.on('upgrade', onUpgrade);
  return {
    get open() {
      return streams.size;
    },
    endSession: (session) => {
      for (const socket of sessions.of(session)) socket.end(disconnects.forceDisconnect);
    },
    close: () => {
      isClosed = true;
      server.off('upgrade', onUpgrade);
      for (const socket of sockets) socket.end(disconnects.shutdown);
    },
  };
}
