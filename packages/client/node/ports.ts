import { createSecureContext } from 'node:tls';
import type { Log, Ports } from '../src/index.ts';
import { systemClock } from './clock.ts';
import { createFileMarks, createMemoryMarks } from './file-marks.ts';
import { createNodeHttp, type NodeHttp } from './http.ts';
import { createNodeWebSockets } from './web-socket.ts';

export interface NodePortsOptions {
  /**
   * PEM of the authority that signs the server's certificate, for https and wss alike. Then only it is
   * trusted; without it, the authorities that Node trusts.
   */
  readonly ca?: string | readonly string[];
  /** Folder for the marks file; without it marks last as long as the program. */
  readonly marksDirectory?: string;
  readonly log?: Log;
}

/** Everything a session needs of Node. */
export function createNodePorts(
  options: NodePortsOptions = {},
): Ports & { readonly http: NodeHttp } {
  // One context for all connections: parsing certificates again for each costs memory and time.
  const secureContext =
    options.ca === undefined
      ? undefined
      : createSecureContext({ ca: typeof options.ca === 'string' ? options.ca : [...options.ca] });
  const http = createNodeHttp(secureContext);
  const webSockets = createNodeWebSockets(secureContext);
  return {
    clock: systemClock,
    random: Math.random,
    http,
    openWebSocket: webSockets.open,
    preconnectWebSocket: webSockets.preconnect,
    closeIdleWebSocket: webSockets.closeIdle,
    marks:
      options.marksDirectory === undefined
        ? createMemoryMarks()
        : createFileMarks(options.marksDirectory),
    log: options.log ?? { debug: () => {}, warn: () => {} },
  };
}
