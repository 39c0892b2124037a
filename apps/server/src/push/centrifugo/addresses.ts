import type { Settings } from '../../config/options.ts';

const DEFAULT_API = 'http://127.0.0.1:8000/';
const SOCKET_PATH = '/connection/websocket';

export interface CentrifugoAddresses {
  /** Of the HTTP API. */
  readonly api: string;
  /** Of the WebSocket, for this server. */
  readonly socket: string;
}

/** Where Centrifugo is, as the settings say or by Centrifugo's own defaults. */
export function centrifugoAddresses(
  settings: Pick<Settings, 'centrifugo-api' | 'centrifugo-socket'>,
): CentrifugoAddresses {
  const api = settings['centrifugo-api'] ?? DEFAULT_API;
  const { origin } = new URL(api);
  const socket = settings['centrifugo-socket'] ?? `${origin.replace(/^http/, 'ws')}${SOCKET_PATH}`;
  return { api, socket };
}
