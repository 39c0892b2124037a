import type { IncomingMessage } from 'node:http';

/** What an upgrade is decided by; an `IncomingMessage` has it. */
export type UpgradeRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

export interface Handshake {
  readonly request: UpgradeRequest;
  /** What came along after the head. */
  readonly rest: Buffer;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const MOST_HEAD_BYTES = 8_192;
const REQUEST_LINE = /^GET (\/[!-~]*) HTTP\/1\.1$/;
/** A token, a colon, and a value of visible characters (RFC 9110 §5). */
const HEADER =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?)[ \t]*$/;
const HAS_UPGRADE = /(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)/i;
/** With one of these there is a body, or a protocol that only the HTTP server knows. */
const FOREIGN = ['content-length', 'transfer-encoding', 'expect', 'http2-settings'];

/**
 * Reads a WebSocket handshake that came in one piece and has nothing unusual about it. Whatever else it is,
 * undefined: then it is for the HTTP server to judge, which knows all of HTTP.
 */
export function readHandshake(chunk: Buffer): Handshake | undefined {
  const end = chunk.indexOf(HEAD_END);
  if (end < 0 || end > MOST_HEAD_BYTES) return undefined;
  const [first = '', ...lines] = chunk.toString('latin1', 0, end).split('\r\n');
  const url = REQUEST_LINE.exec(first)?.[1];
  if (url === undefined) return undefined;
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const [, name, value = ''] = HEADER.exec(line) ?? [];
    if (name === undefined) return undefined;
    const key = name.toLowerCase();
    // How repeated ones are joined, or which of them counts, differs from header to header.
    if (key in headers) return undefined;
    headers[key] = value;
  }
  const { upgrade, connection = '', host } = headers;
  const isUpgrade = upgrade?.toLowerCase() === 'websocket' && HAS_UPGRADE.test(connection);
  if (!isUpgrade || host === undefined || FOREIGN.some((name) => name in headers)) return undefined;
  return { request: { method: 'GET', url, headers }, rest: chunk.subarray(end + HEAD_END.length) };
}
