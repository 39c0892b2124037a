import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { hostname } from 'node:os';
import { createHub, glob } from '@telex/hub';
import { attachHub, nodePorts } from '@telex/hub/node';
import { type Certificate, readCertificate } from './certificate.ts';
import type { Config } from './config/config.ts';
import { hubOptions } from './config/hub-options.ts';
import type { Log } from './log.ts';
import { createRoutes } from './routes.ts';
import { StartError, systemCode } from './start-error.ts';
import { createVerifier } from './verifier.ts';

export interface ProgramOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
}

export interface OpenProgram {
  readonly url: string;
  readonly internalUrl: string | undefined;
  /** Tells the clients to come back elsewhere or later, and ends everything. Idempotent. */
  close(): Promise<void>;
}

/** Clients that do not answer a close are not waited for. */
const GOODBYE_MS = 3_000;

/** @throws StartError when an address or the certificate cannot be used; nothing is left open then */
export async function openProgram({ config, version, log }: ProgramOptions): Promise<OpenProgram> {
  const { keys } = config;
  const certificate = readCertificate(keys);
  const hub = createHub({ ...nodePorts, ...hubOptions(config), verifier: createVerifier(keys) });
  const startedAt = performance.now();
  const name = keys['node.name'] || `${hostname()}_${keys['http_server.port']}`;
  const uid = randomUUID();
  const routes = createRoutes(keys, {
    hub,
    node: () => ({
      uid,
      name,
      version,
      uptimeS: Math.floor((performance.now() - startedAt) / 1_000),
    }),
    failed: (error) => log('error', 'an API request failed', { error: String(error) }),
  });
  const main = openServer(routes.main, certificate);
  const attached = attachHub({
    hub,
    server: main.server,
    path: keys['websocket.handler_prefix'],
    isAllowedOrigin: originCheck(keys['client.allowed_origins']),
    ...atMost('maxConnections', keys['client.connection_limit']),
    ...atMost('maxConnectionsPerSecond', keys['client.connection_rate_limit']),
  });
  const internalCertificate = keys['http_server.tls_external'] ? undefined : certificate;
  const internal =
    keys['http_server.internal_port'] === undefined
      ? undefined
      : openServer(routes.internal, internalCertificate);
  const close = onlyOnce(async () => {
    attached.close();
    hub.close();
    const limitMs = Math.min(GOODBYE_MS, keys['shutdown.timeout']);
    await Promise.all([main.close(limitMs), internal?.close(limitMs)]);
  });
  try {
    await main.listen('http_server.port', keys['http_server.address'], keys['http_server.port']);
    await internal?.listen(
      'http_server.internal_port',
      keys['http_server.internal_address'],
      keys['http_server.internal_port'] ?? 0,
    );
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: urlOf(main.server, certificate),
    internalUrl: internal === undefined ? undefined : urlOf(internal.server, internalCertificate),
    close,
  };
}

function openServer(listener: RequestListener, certificate: Certificate | undefined) {
  const server =
    certificate === undefined
      ? createServer(listener)
      : createTlsServer({ ...certificate, minVersion: 'TLSv1.2' }, listener);
  const sockets = new Set<Socket>();
  server.on(certificate === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    server,
    async listen(path: string, address: string, port: number): Promise<void> {
      try {
        server.listen(port, address === '' ? undefined : address);
        await once(server, 'listening');
      } catch (error) {
        throw addressFault(path, port, error);
      }
    },
    /** Waits for the clients to go, but not longer than `limitMs`. */
    async close(limitMs: number): Promise<void> {
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

function addressFault(path: string, port: number, error: unknown): StartError {
  const code = systemCode(error);
  return code === 'EADDRINUSE'
    ? new StartError('port_taken', `Port ${port} is taken: choose another as ${path}.`)
    : new StartError('address_unusable', `Port ${port} of ${path} cannot be used (${code}).`);
}

/** Patterns are compared with the origin in lower case, as Centrifugo does. */
function originCheck(patterns: readonly string[]): (origin: string) => boolean {
  const checks = patterns.map((pattern) => glob(pattern.toLowerCase()));
  return (origin) => checks.some((isMatch) => isMatch(origin.toLowerCase()));
}

/** 0 is no limit. */
function atMost<Name extends string>(name: Name, most: number): Partial<Record<Name, number>> {
  return most === 0 ? {} : ({ [name]: most } as Record<Name, number>);
}

function urlOf(server: Server, certificate: Certificate | undefined): string {
  const { address, port } = server.address() as AddressInfo;
  const isAny = address === '::' || address === '0.0.0.0';
  const host = isAny ? 'localhost' : address.includes(':') ? `[${address}]` : address;
  return `${certificate === undefined ? 'http' : 'https'}://${host}:${port}`;
}

function onlyOnce(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}
