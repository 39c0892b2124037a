import { hash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { UpgradeRequest } from './read-handshake.ts';

const KEY = /^[+/0-9A-Za-z]{22}==$/;
/** RFC 6455 §1.3. */
const KEY_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** The subprotocol that JSON clients may name. */
const SUBPROTOCOL = 'centrifuge-json';

/** Answers a WebSocket handshake (RFC 6455 §4.2); false: it was none, and has been refused. */
export function acceptUpgrade(request: UpgradeRequest, stream: Duplex): boolean {
  const { headers, method } = request;
  const key = headers['sec-websocket-key'];
  if (method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket') {
    refuseUpgrade(stream, '400 Bad Request');
    return false;
  }
  if (headers['sec-websocket-version'] !== '13') {
    refuseUpgrade(stream, '426 Upgrade Required\r\nSec-WebSocket-Version: 13');
    return false;
  }
  if (key === undefined || !KEY.test(key)) {
    refuseUpgrade(stream, '400 Bad Request');
    return false;
  }
  const accept = hash('sha1', key + KEY_SUFFIX, 'base64');
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
  const protocol =
    offered?.includes(SUBPROTOCOL) === true ? `\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}` : '';
  stream.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}${protocol}\r\n\r\n`,
    'latin1',
  );
  return true;
}

/** Ends a request for an upgrade with this status line, and headers after it. */
export function refuseUpgrade(stream: Duplex, status: string): void {
  stream.on('error', () => {});
  const reply = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  // Nobody reads it any more, so the peer's end would never be seen and the socket stay open.
  stream.resume();
  stream.end(reply, () => stream.destroy());
}
