import { guardFrame } from './frame-guard.ts';
import type { Clock, OpenWebSocket, WebSocketLike } from './ports.ts';

/** Below the server's limit of 65,536 bytes a message (centrifugo.md §2.4). */
export const MAX_FRAME_BYTES = 60_000;
/** A server closes a socket without a connect frame after 10 s (stale): never hand on an older one. */
const MAX_IDLE_MS = 8_000;

/** Opens the WebSocket ahead of the SDK, so that it is up when the tokens are there. */
export interface SocketSlot {
  /** Opens one now; safe to call often. */
  open(url: string): void;
  /** The one opened ahead where it is still good for `url`, else a new one. */
  take(url: string): WebSocketLike;
  /** Closes the one opened ahead. */
  discard(): void;
}

export function createSocketSlot(openWebSocket: OpenWebSocket, clock: Clock): SocketSlot {
  let ahead: { url: string; socket: WebSocketLike; openedAt: number } | undefined;
  const discard = () => {
    const old = ahead;
    ahead = undefined;
    if (old === undefined) return;
    mute(old.socket);
    old.socket.close();
  };
  return {
    open(url) {
      if (ahead !== undefined && ahead.socket.readyState <= 1 && ahead.url === url) {
        if (clock.now() - ahead.openedAt < MAX_IDLE_MS) return;
      }
      discard();
      const socket = openWebSocket(url);
      mute(socket);
      ahead = { url, socket, openedAt: clock.now() };
    },
    take(url) {
      const kept = ahead;
      if (
        kept !== undefined &&
        kept.url === url &&
        kept.socket.readyState <= 1 &&
        clock.now() - kept.openedAt < MAX_IDLE_MS
      ) {
        ahead = undefined;
        return kept.socket;
      }
      discard();
      return openWebSocket(url);
    },
    discard,
  };
}

function mute(socket: WebSocketLike): void {
  socket.onopen = () => {};
  socket.onmessage = () => {};
  socket.onerror = () => {};
  socket.onclose = () => {};
}

export interface PushSocketHooks {
  /** Takes the socket for one attempt. */
  readonly take: (url: string) => WebSocketLike;
  /** Something of a received frame was left out. */
  readonly onBadFrame: (leftOut: number) => void;
}

/**
 * The class for the SDK's `websocket` option. It adopts a socket that may be open already, keeps each
 * outgoing frame under the server's limit, and guards what comes in.
 */
export function pushSocketClass(hooks: PushSocketHooks): new (url: string) => WebSocketLike {
  return class PushSocket implements WebSocketLike {
    onopen: ((event: unknown) => void) | null = null;
    onmessage: ((event: { readonly data: unknown }) => void) | null = null;
    onerror: ((event: unknown) => void) | null = null;
    onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;
    readonly #socket: WebSocketLike;

    constructor(url: string) {
      const socket = hooks.take(url);
      this.#socket = socket;
      socket.onopen = (event) => this.onopen?.(event);
      socket.onerror = (event) => this.onerror?.(event);
      socket.onclose = ({ code, reason }) => this.onclose?.({ code, reason });
      socket.onmessage = ({ data }) => this.#receive(data);
      // The SDK sets its handlers after the constructor.
      if (socket.readyState === 1) queueMicrotask(() => this.onopen?.({}));
    }

    get readyState(): number {
      return this.#socket.readyState;
    }

    send(data: string): void {
      for (const frame of splitFrame(data, MAX_FRAME_BYTES)) this.#socket.send(frame);
    }

    close(code?: number, reason?: string): void {
      this.#socket.close(code, reason);
    }

    #receive(data: unknown): void {
      if (typeof data !== 'string') {
        hooks.onBadFrame(1);
        return;
      }
      const { text, leftOut } = guardFrame(data);
      if (leftOut > 0) hooks.onBadFrame(leftOut);
      if (text !== '') this.onmessage?.({ data: text });
    }
  };
}

/** Splits a batch of commands at its newlines, where it would be over the limit (centrifugo.md §2). */
export function splitFrame(data: string, maxBytes: number): string[] {
  // Three bytes a UTF-16 unit at most: short frames need no counting.
  if (data.length * 3 <= maxBytes) return [data];
  const encoder = new TextEncoder();
  const frames: string[] = [];
  let frame: string[] = [];
  let bytes = 0;
  for (const line of data.split('\n')) {
    const size = encoder.encode(line).length + 1;
    if (frame.length > 0 && bytes + size > maxBytes) {
      frames.push(frame.join('\n'));
      frame = [];
      bytes = 0;
    }
    frame.push(line);
    bytes += size;
  }
  frames.push(frame.join('\n'));
  return frames.filter((text) => text !== '');
}
