import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Centrifuge, type Options } from 'centrifuge';
import { WebSocket } from 'ws';
import { type AttachOptions, attachHub, createJwtVerifier, nodePorts } from '../node/index.ts';
import { createHub, type Hub, type HubOptions } from '../src/index.ts';
import { channelsWith } from './fake-hub.ts';

export const connectionSecret = 'connection-secret-of-the-hub-tests';
export const subscriptionSecret = 'subscription-secret-of-the-hub-tests';
const PATH = '/connection/websocket';

export type LiveHubOptions = Partial<HubOptions> & {
  readonly attach?: Partial<AttachOptions>;
  /** Serves over TLS with these. */
  readonly tls?: ServerOptions;
  /** 0 by default: any free port. */
  readonly port?: number;
};

/** A hub on a real HTTP server of this machine. */
export interface LiveHub {
  readonly hub: Hub;
  readonly port: number;
  readonly url: string;
  /** Cuts every TCP connection, without a close frame. */
  cut(): void;
  close(): Promise<void>;
}

export async function startHub({
  attach,
  tls,
  port: wanted = 0,
  ...options
}: LiveHubOptions = {}): Promise<LiveHub> {
  const verifier = createJwtVerifier({
    connection: { hmacSecret: connectionSecret },
    subscription: { hmacSecret: subscriptionSecret },
  });
  const hub = createHub({ ...nodePorts, verifier, ...channelsWith({}), ...options });
  const server = tls === undefined ? createServer() : createTlsServer(tls);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const attached = attachHub({ hub, server, path: PATH, ...attach });
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    hub,
    port,
    url: `${tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}${PATH}`,
    cut,
    close: async () => {
      hub.close();
      attached.close();
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}

/** A JWT, signed with HS256 unless another head is given. */
export function signToken(claims: object, secret: string, head: object = { alg: 'HS256' }): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ typ: 'JWT', ...head })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** A connection token of this user, for an hour. */
export function connectionToken(user: string, more: object = {}): string {
  return signToken({ sub: user, exp: inSeconds(3_600), ...more }, connectionSecret);
}

/** A subscription token, for an hour. */
export function subscriptionToken(user: string, channel: string, more: object = {}): string {
  return signToken({ sub: user, channel, exp: inSeconds(3_600), ...more }, subscriptionSecret);
}

/** Unix seconds, so long from now. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** The official SDK on `ws`, quick to come back. */
export function sdkClient(url: string, options: Partial<Options>): Centrifuge {
  return new Centrifuge(url, {
    websocket: WebSocket,
    minReconnectDelay: 10,
    maxReconnectDelay: 50,
    ...options,
  });
}

/** The next event of that name from an SDK client or subscription. */
export function next<Context>(
  emitter: { once(event: never, handler: (context: never) => void): unknown },
  event: string,
): Promise<Context> {
  return new Promise((resolve) => {
    emitter.once(event as never, ((context: Context) => resolve(context)) as never);
  });
}
