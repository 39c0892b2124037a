import {
  type ClientRequest,
  type Server as HttpServer,
  type IncomingMessage,
  request as plainRequest,
} from 'node:http';
import { type Server as HttpsServer, request as tlsRequest } from 'node:https';
import { BlockList, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { PUSH_PATH } from '@telex/contract';
import { isOwnOrigin, refuseUpgrade } from '@telex/hub/node';

export interface ProxyOptions {
  readonly server: HttpServer | HttpsServer;
  /** `ws(s)://` address of Centrifugo's WebSocket. */
  readonly target: string;
  readonly isAllowedOrigin: (origin: string, request: IncomingMessage) => boolean;
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** More open connections than this are answered 503. */
  readonly maxConnections?: number;
  readonly handshakeMs?: number;
}

export interface SocketProxy {
  readonly open: number;
  /** Takes no more and ends those that are open. Idempotent. */
  close(): void;
}

const HANDSHAKE_MS = 5000;
const MAX_CONNECTIONS = 100_000;
/** Seconds after which a client that found nobody should try again. */
const AWAY = '503 Service Unavailable\r\nRetry-After: 2';
/** All of a handshake that Centrifugo needs. No extensions: frames stay as they are. */
const HANDED_ON = [
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'user-agent',
];
const HANDED_BACK = ['sec-websocket-accept', 'sec-websocket-protocol'];

/** Hands WebSockets of the documented path on to Centrifugo. */
export function attachProxy(options: ProxyOptions): SocketProxy {
  const { server } = options;
  const target = new URL(options.target.replace(/^ws/, 'http'));
  const trusted = trustedList(options.trustedProxies);
  const maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
  const open = new Set<Duplex>();

  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    if (request.url?.split('?')[0] !== PUSH_PATH) {
      if (server.listenerCount('upgrade') === 1) refuseUpgrade(stream, '404 Not Found');
      return;
    }
    const { origin } = request.headers;
    const isOwn = origin === undefined || isOwnOrigin(origin, request);
    if (!isOwn && !options.isAllowedOrigin(origin, request)) {
      refuseUpgrade(stream, '403 Forbidden');
      return;
    }
    if (open.size >= maxConnections) {
      refuseUpgrade(stream, AWAY);
      return;
    }
    open.add(stream);
    stream.once('close', () => open.delete(stream));
    // Node's servers, plain and TLS, hand over sockets; `Duplex` is what their types say.
    handOn(request, stream as Socket, head);
  };

  function handOn(request: IncomingMessage, stream: Socket, head: Buffer): void {
    stream.setTimeout(0);
    const asked = ask(request);
    const timer = setTimeout(() => asked.destroy(), options.handshakeMs ?? HANDSHAKE_MS);
    const gone = () => {
      clearTimeout(timer);
      asked.destroy();
    };
    stream.on('error', gone);
    stream.once('close', gone);
    asked.once('error', () => {
      clearTimeout(timer);
      refuseUpgrade(stream, AWAY);
    });
    asked.once('response', (response) => {
      clearTimeout(timer);
      response.resume();
      refuseUpgrade(stream, statusOf(response));
      asked.destroy();
    });
    asked.once('upgrade', (response, upstream, upstreamHead) => {
      clearTimeout(timer);
      stream.write(acceptance(response));
      if (upstreamHead.length > 0) stream.write(upstreamHead);
      if (head.length > 0) upstream.write(head);
      join(stream, upstream);
    });
    asked.end();
  }

  function ask(request: IncomingMessage): ClientRequest {
    const headers: Record<string, string> = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'x-forwarded-for': forwardedFor(request, trusted),
    };
    for (const name of HANDED_ON) {
      const value = request.headers[name];
      if (typeof value === 'string') headers[name] = value;
    }
    const isTls = target.protocol === 'https:';
    return (isTls ? tlsRequest : plainRequest)(target, { headers, agent: false });
  }

  server.on('upgrade', onUpgrade);
  return {
    get open() {
      return open.size;
    },
    close: () => {
      server.off('upgrade', onUpgrade);
      for (const stream of open) stream.destroy();
    },
  };
}

/** Bytes go both ways, no faster than the slower side takes them; where one ends, so does the other. */
function join(stream: Socket, upstream: Duplex): void {
  upstream.on('error', () => stream.destroy());
  upstream.once('close', () => stream.destroySoon());
  stream.once('close', () => upstream.destroy());
  stream.pipe(upstream);
  upstream.pipe(stream);
}

function acceptance(response: IncomingMessage): string {
  const lines = HANDED_BACK.flatMap((name) => {
    const value = response.headers[name];
    return typeof value === 'string' ? [`${name}: ${value}`] : [];
  });
  return ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', ...lines]
    .join('\r\n')
    .concat('\r\n\r\n');
}

/** What Centrifugo says of the handshake is the client's affair; what is wrong with it is not. */
function statusOf({ statusCode = 502 }: IncomingMessage): string {
  return statusCode === 400 || statusCode === 426 ? `${statusCode} Bad Request` : AWAY;
}

function trustedList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function forwardedFor({ socket, headers }: IncomingMessage, trusted: BlockList): string {
  const peer = socket.remoteAddress ?? '';
  const isTrusted = isIP(peer) !== 0 && trusted.check(peer, isIP(peer) === 6 ? 'ipv6' : 'ipv4');
  const before = isTrusted ? headers['x-forwarded-for'] : undefined;
  return typeof before === 'string' ? `${before}, ${peer}` : peer;
}
