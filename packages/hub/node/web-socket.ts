import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import { FrameReader, type FrameSink, type HubConnection, type HubSocket } from '../src/index.ts';

const CLOSE = 0x88;
const PONG = 0x8a;
/** Pongs are not answered to a peer that leaves so much unread. */
const MOST_UNREAD = 65_536;
const PROTOCOL_ERROR_REASONS = {
  1002: 'protocol error',
  1007: 'invalid UTF-8',
  1009: 'message too big',
} as const;
const client = Symbol('client');

/** A stream that knows whose it is: listeners are shared by all, which keeps an idle client small. */
type Carrier = Socket & { [client]?: WebSocketClient };

/**
 * The server's end of one WebSocket, on a stream whose handshake is done. Ten thousand of them wait
 * idle as a rule, hence no object, closure or timer per client that can be shared.
 *
 * Frames go straight to the stream. `close` sends a close frame and waits for the peer's; the hub cuts
 * the stream when that takes too long.
 */
export class WebSocketClient implements HubSocket, FrameSink {
  readonly #stream: Carrier;
  readonly #reader: FrameReader;
  #connection: HubConnection | undefined;
  #hasClosed = false;
  #waitsForDrain = false;

  constructor(stream: Socket, messageBytes: number) {
    this.#stream = stream;
    this.#reader = new FrameReader(messageBytes, this);
  }

  /** Begins to listen; `head` is what came along with the handshake. */
  serve(connection: HubConnection, head: Uint8Array): void {
    this.#connection = connection;
    const stream = this.#stream;
    stream[client] = this;
    stream.setTimeout(0);
    stream.on('data', onData);
    stream.on('end', onEnd);
    stream.on('error', onError);
    stream.on('close', onClose);
    if (head.length > 0) this.received(head);
    stream.resume();
  }

  // --- what the stream says ------------------------------------------------------------------------

  received(chunk: Uint8Array): void {
    this.#reader.read(chunk);
  }

  gone(): void {
    this.#connection?.closed();
    this.#connection = undefined;
  }

  drained(): void {
    this.#waitsForDrain = false;
    this.#connection?.drained();
  }

  // --- what the frames say -------------------------------------------------------------------------

  message(bytes: Uint8Array, isText: boolean): void {
    if (this.#hasClosed) return;
    if (isText && !isUtf8(bytes)) {
      this.#closeFor(1007);
      return;
    }
    const { buffer, byteOffset, byteLength } = bytes;
    this.#connection?.receive(Buffer.from(buffer, byteOffset, byteLength).toString('utf8'));
  }

  ping(payload: Uint8Array): void {
    const isRead = this.#stream.writableLength < MOST_UNREAD;
    if (isRead && !this.#hasClosed) this.#control(PONG, payload);
  }

  /** The peer's close frame is answered, and the stream ends once that has left. */
  closed(payload: Uint8Array): void {
    if (!this.#hasClosed)
      this.#control(CLOSE, payload.length >= 2 ? payload.subarray(0, 2) : payload);
    this.#hasClosed = true;
    this.#stream.destroySoon();
  }

  fault(code: 1002 | 1009): void {
    this.#closeFor(code);
  }

  // --- what the hub says ---------------------------------------------------------------------------

  write(frames: Uint8Array): boolean {
    const stream = this.#stream;
    if (this.#hasClosed || !stream.writable) return true;
    // A large write is answered with false also when the network took it all at once.
    if (stream.write(frames) || stream.writableLength === 0) return true;
    if (!this.#waitsForDrain) {
      this.#waitsForDrain = true;
      stream.once('drain', onDrain);
    }
    return false;
  }

  bufferedBytes(): number {
    return this.#stream.writableLength;
  }

  close(code: number, reason: string): void {
    if (this.#hasClosed) return;
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code);
    payload.write(reason, 2);
    this.#control(CLOSE, payload);
    this.#hasClosed = true;
  }

  terminate(): void {
    this.#stream.destroy();
  }

  /** A broken peer can't be expected to answer: the stream ends once the close frame has left. */
  #closeFor(code: 1002 | 1007 | 1009): void {
    this.close(code, PROTOCOL_ERROR_REASONS[code]);
    this.#stream.destroySoon();
  }

  #control(opcode: number, payload: Uint8Array): void {
    if (!this.#stream.writable) return;
    const frame = Buffer.alloc(2 + payload.length);
    frame[0] = opcode;
    frame[1] = payload.length;
    frame.set(payload, 2);
    this.#stream.write(frame);
  }
}

function onData(this: Carrier, chunk: Buffer): void {
  this[client]?.received(chunk);
}

/** The peer has ended its side: with or without a close frame, there is nobody to talk to. */
function onEnd(this: Carrier): void {
  this.destroySoon();
}

function onDrain(this: Carrier): void {
  this[client]?.drained();
}

/** The close event follows and says it all. */
function onError(): void {}

function onClose(this: Carrier): void {
  this[client]?.gone();
}
