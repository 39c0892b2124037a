import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';

/** Servers drop a connection that asks for nothing after a minute. */
const IDLE_MS = 45_000;

/** Opens connections, and can open one to each origin ahead of the request that needs it. */
export interface Connections {
  /** Opened so far, the ones ahead included. */
  readonly count: number;
  /** Opens one ahead, unless there is one; failures are silent. */
  prepare(url: URL): void;
  /** The one opened ahead, else a new one. */
  connect(url: URL): Socket;
  /** Drops what was opened ahead. */
  close(): void;
}

/** @param secureContext authorities to trust for `https:` and `wss:`; default: those of Node. */
export function createConnections(secureContext: SecureContext | undefined): Connections {
  const ahead = new Map<string, { readonly socket: Socket; readonly release: () => void }>();
  let count = 0;

  const open = (url: URL): Socket => {
    count += 1;
    const isSecure = url.protocol === 'https:' || url.protocol === 'wss:';
    const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (!isSecure) return connectPlain({ host, port }).setNoDelay(true);
    return connectTls({
      host,
      port,
      ALPNProtocols: ['http/1.1'],
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
      ...(secureContext === undefined ? {} : { secureContext }),
    }).setNoDelay(true);
  };

  return {
    get count() {
      return count;
    },
    prepare(url) {
      if (ahead.has(url.host)) return;
      const socket = open(url);
      const forget = () => {
        ahead.delete(url.host);
        socket.destroy();
      };
      const timer = setTimeout(forget, IDLE_MS).unref();
      const release = () => {
        clearTimeout(timer);
        socket.off('error', forget).off('close', forget);
      };
      ahead.set(url.host, { socket, release });
      socket.on('error', forget).on('close', forget);
    },
    connect(url) {
      const kept = ahead.get(url.host);
      ahead.delete(url.host);
      kept?.release();
      return kept?.socket.writable === true ? kept.socket : open(url);
    },
    close() {
      for (const { socket, release } of ahead.values()) {
        release();
        socket.on('error', () => {}).destroy();
      }
      ahead.clear();
    },
  };
}
