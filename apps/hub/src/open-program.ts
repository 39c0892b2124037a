import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createHub, glob, type TokenVerifier } from '@telex/hub';
import { attachHub, nodePorts } from '@telex/hub/node';
import { readCertificate } from './certificate.ts';
import type { Config } from './config/config.ts';
import { hubOptions } from './config/hub-options.ts';
import { needsRestart } from './config/needs-restart.ts';
import { createFigures } from './figures.ts';
import { createHttpServer } from './http-server.ts';
import type { Log } from './log.ts';
import { createRoutes } from './routes.ts';
import { createVerifier } from './verifier.ts';

export interface ProgramOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
}

export interface OpenProgram {
  readonly url: string;
  readonly internalUrl: string | undefined;
  /**
   * Takes token keys and certificate from another configuration, for what comes from now on.
   *
   * @returns keys that differ too and want a restart
   * @throws StartError when they cannot be used; the old ones stay
   */
  reload(config: Config): readonly string[];
  /** Tells the clients to come back elsewhere or later, and ends everything. Idempotent. */
  close(): Promise<void>;
}

/** Connects that the system lets wait: of a crowd that comes back, those that find no place try again only after a second. */
const BACKLOG = 4_096;
/** Clients that do not answer a close are not waited for. */
const GOODBYE_MS = 3_000;

/** @throws StartError when keys, certificate or an address cannot be used; nothing is left open then */
export async function openProgram({ config, version, log }: ProgramOptions): Promise<OpenProgram> {
  const { keys } = config;
  const certificate = readCertificate(keys);
  let judge = createVerifier(keys);
  const verifier: TokenVerifier = {
    connection: (token) => judge.connection(token),
    subscription: (token) => judge.subscription(token),
  };
  const hub = createHub({ ...nodePorts, ...hubOptions(config), verifier });
  const startedAt = performance.now();
  const uid = randomUUID();
  const name = keys['node.name'] || `${hostname()}_${keys['http_server.port']}`;
  const routes = createRoutes(keys, {
    api: {
      hub,
      node: () => {
        const uptimeS = Math.floor((performance.now() - startedAt) / 1_000);
        return { uid, name, version, uptimeS };
      },
      failed: (error) => log('error', 'an API request failed', { error: String(error) }),
    },
    figures: createFigures(hub, version),
  });
  const failed = (error: Error) =>
    log('error', 'a connection could not be taken', { error: error.message });
  const main = createHttpServer({ listener: routes.main, certificate, failed });
  const attached = attachHub({
    hub,
    server: main.server,
    path: keys['websocket.handler_prefix'],
    isAllowedOrigin: originCheck(keys['client.allowed_origins']),
    ...atMost('maxConnections', keys['client.connection_limit']),
    ...atMost('maxConnectionsPerSecond', keys['client.connection_rate_limit']),
  });
  const internalPort = keys['http_server.internal_port'];
  const internal =
    internalPort === undefined
      ? undefined
      : createHttpServer({
          listener: routes.internal,
          certificate: keys['http_server.tls_external'] ? undefined : certificate,
          failed,
        });
  const closeAll = async () => {
    attached.close();
    hub.close();
    const limitMs = Math.min(GOODBYE_MS, keys['shutdown.timeout']);
    await Promise.all([main.close(limitMs), internal?.close(limitMs)]);
  };
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeAll();
    return closing;
  };
  try {
    await main.listen('http_server.port', keys['http_server.address'], keys['http_server.port']);
    await internal?.listen(
      'http_server.internal_port',
      keys['http_server.internal_address'],
      internalPort ?? 0,
    );
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: main.url,
    internalUrl: internal?.url,
    reload: (next) => {
      const [nextJudge, nextCertificate] = [createVerifier(next.keys), readCertificate(next.keys)];
      judge = nextJudge;
      if (nextCertificate !== undefined) {
        main.useCertificate(nextCertificate);
        internal?.useCertificate(nextCertificate);
      }
      return needsRestart(config, next);
    },
    close,
  };
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
