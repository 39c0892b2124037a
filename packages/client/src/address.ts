import { PUSH_PATH } from '@telex/contract';

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

export interface Addresses {
  /** Origin of the API. */
  readonly api: string;
  /** WebSocket address of the push server. */
  readonly push: string;
}

/** Checks what the user gave; undefined where it is not allowed or not an address. */
export function readAddresses(
  apiUrl: string,
  pushUrl: string | undefined,
  allowLoopbackHttp: boolean,
): Addresses | undefined {
  const api = readUrl(apiUrl, 'https:', 'http:', allowLoopbackHttp);
  if (api === undefined) return undefined;
  const push = readPushUrl(
    pushUrl ?? `${api.origin.replace(/^http/, 'ws')}${PUSH_PATH}`,
    allowLoopbackHttp,
  );
  return push === undefined ? undefined : { api: api.origin, push };
}

/** A WebSocket address that tokens may be sent to, or undefined. */
export function readPushUrl(pushUrl: string, allowLoopbackHttp: boolean): string | undefined {
  return readUrl(pushUrl, 'wss:', 'ws:', allowLoopbackHttp)?.href;
}

function readUrl(
  text: string,
  secure: string,
  plain: string,
  allowLoopbackHttp: boolean,
): URL | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  // Credentials in an address would end up in logs.
  if (url.username !== '' || url.password !== '') return undefined;
  if (url.protocol === secure) return url;
  const isLoopback = url.protocol === plain && LOOPBACK.has(url.hostname);
  return allowLoopbackHttp && isLoopback ? url : undefined;
}
