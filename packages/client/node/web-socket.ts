import type { SecureContext } from 'node:tls';
import WebSocket from 'ws';
import type { OpenWebSocket, WebSocketLike } from '../src/index.ts';
import { createConnections } from './connections.ts';

/** A recovery reply of the push server is 1 MiB at most (centrifugo.md §8). */
const MAX_FRAME_BYTES = 2 * 1024 * 1024;
const HANDSHAKE_MS = 10_000;
/** A dead peer never answers a close frame. */
const CLOSE_MS = 1_000;

export interface NodeWebSockets {
  readonly open: OpenWebSocket;
  /** Opens TCP and TLS ahead of the next `open`, so that it needs its own round trip only. */
  preconnect(url: string): void;
  closeIdle(): void;
}

/** WebSockets of `ws`: they take a CA and a frame limit, which Node's global WebSocket does not. */
export function createNodeWebSockets(secureContext: SecureContext | undefined): NodeWebSockets {
  const connections = createConnections(secureContext);
  return {
    open: (url) => {
      const options = {
        perMessageDeflate: false,
        maxPayload: MAX_FRAME_BYTES,
        handshakeTimeout: HANDSHAKE_MS,
        // Not in the types yet.
        closeTimeout: CLOSE_MS,
        createConnection: () => connections.connect(new URL(url)),
      };
      return adapt(new WebSocket(url, options));
    },
    preconnect: (url) => connections.prepare(new URL(url)),
    closeIdle: () => connections.close(),
  };
}

/**
 * Node leaves the event loop's one timer where it is when the first of its timers is cleared: the watch over the server's
 * pings, set anew with each of them, would wake an idle process in vain every time. A timer that is due at once makes Node
 * look again at what really comes next, mostly in the very turn of the ping.
 */
function createTimerNudge(): () => void {
  let isNudged = false;
  const done = () => {
    isNudged = false;
  };
  return () => {
    if (isNudged) return;
    isNudged = true;
    setTimeout(done, 1).unref();
  };
}

function adapt(socket: WebSocket): WebSocketLike {
  const nudgeTimers = createTimerNudge();
  const adapted: WebSocketLike = {
    get readyState() {
      return socket.readyState;
    },
    onopen: null,
    onmessage: null,
    onerror: null,
    onclose: null,
    send: (data) => socket.send(data),
    close: (code, reason) => socket.close(code, reason),
  };
  socket.on('open', () => adapted.onopen?.({}));
  socket.on('error', (error) => adapted.onerror?.(error));
  socket.on('close', (code, reason) =>
    adapted.onclose?.({ code, reason: reason.toString('utf8') }),
  );
  socket.on('message', (data, isBinary) => {
    nudgeTimers();
    adapted.onmessage?.({ data: isBinary ? data : String(data) });
  });
  return adapted;
}
