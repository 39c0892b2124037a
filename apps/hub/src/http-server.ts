import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Certificate } from './certificate.ts';
import { StartError, systemCode } from './start-error.ts';

/** Connects that the system lets wait: of a crowd that comes back, those that find no place try again only after a second. */
const BACKLOG = 4_096;

/** One port with its sockets, upgraded ones too. */
export interface HttpServer {
  readonly server: Server | TlsServer;
  /** Once it listens. */
  readonly url: string;
  /**
   * @param key the configuration's, for messages
   * @throws StartError
   */
  listen(key: string, address: string, port: number): Promise<void>;
  /** For connections that come from now on. */
  useCertificate(certificate: Certificate): void;
  /** Waits for the clients to go, but not longer than `limitMs`. Idempotent. */
  close(limitMs: number): Promise<void>;
}

export interface HttpServerOptions {
  readonly listener: RequestListener;
  readonly certificate: Certificate | undefined;
  /** Told when a connection could not be taken, as with too many open files; the server goes on. */
  readonly failed: (error: Error) => void;
}

export function createHttpServer({ listener, certificate, failed }: HttpServerOptions): HttpServer {
  const tls =
    certificate === undefined ? undefined : createTlsServer(secure(certificate), listener);
  const server = tls ?? createServer(listener);
  const sockets = new Set<Socket>();
  // One function for all: ten thousand clients wait idle, as a rule.
  function onGone(this: Socket) {
    sockets.delete(this);
  }
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', onGone);
  });
  return {
    server,
    get url() {
      const { address, port } = server.address() as AddressInfo;
      const isAny = address === '::' || address === '0.0.0.0';
      const host = isAny ? 'localhost' : address.includes(':') ? `[${address}]` : address;
      return `${tls === undefined ? 'http' : 'https'}://${host}:${port}`;
    },
    async listen(key, address, port) {
      try {
        const host = address === '' ? {} : { host: address };
        server.listen({ port, ...host, backlog: BACKLOG });
        await once(server, 'listening');
      } catch (error) {
        throw addressFault(key, port, error);
      }
      server.on('error', failed);
    },
    useCertificate: (next) => tls?.setSecureContext(secure(next)),
    async close(limitMs) {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, limitMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

function secure(certificate: Certificate) {
  return { ...certificate, minVersion: 'TLSv1.2' } as const;
}

function addressFault(key: string, port: number, error: unknown): StartError {
  const code = systemCode(error);
  return code === 'EADDRINUSE'
    ? new StartError('port_taken', `Port ${port} is taken: choose another as ${key}.`)
    : new StartError('address_unusable', `Port ${port} of ${key} cannot be used (${code}).`);
}
