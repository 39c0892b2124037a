import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { PushServerPlace } from './messages.ts';

/** Of Centrifugo and of the hub alone. */
const PATH = '/connection/websocket';
const TEXT = 0x81;
const CLOSE = 0x88;
const NEWLINE = 10;
/** `{}` */
const PING_BYTES = 2;
const PONG = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x7b, 0x7d]);
/** The peer was simply gone. */
const ABNORMAL = 1006;

export interface LoadConnectionOptions {
  readonly place: Pick<PushServerPlace, 'port' | 'ca'>;
  /** Default: Centrifugo's. */
  readonly path?: string;
  readonly localAddress: string;
  /** The masked frame that is sent first, with connect and perhaps subscribes. */
  readonly login: Buffer;
  /** Sent once the connect has been answered, as the SDK does it: more subscribes. */
  readonly afterConnect?: Buffer;
  /** How many subscribes are in both. */
  readonly subscriptions: number;
  /** What it reads into. What is read is counted at once and never kept, so many may share one. */
  readonly scratch: Buffer;
  /** The WebSocket is open, or the connect has been answered. */
  readonly onProgress?: () => void;
  /** Called for each object after the replies, pings aside. */
  readonly onDelivery: (connection: LoadConnection) => void;
  /** All replies have come, or the connection failed; what was said until then, and the close code of a failure. */
  readonly onReady: (isSubscribed: boolean, said: string, code: number) => void;
  /** After it was ready: the code of the close frame, or 1006. */
  readonly onClose?: (connection: LoadConnection, code: number) => void;
}

/** A raw WebSocket that reads no more of a push than its length. */
export class LoadConnection {
  readonly #options: LoadConnectionOptions;
  readonly #socket: Socket;
  #phase: 'upgrading' | 'logging-in' | 'subscribed' | 'over' = 'upgrading';
  /** Of the frame that is being read: its first byte, bytes still to come, bytes of the object so far. */
  #opcode = 0;
  #left = 0;
  #objectBytes = 0;
  /** A frame's head that came in pieces; text of the replies; the close frame. */
  #head = Buffer.alloc(0);
  #replies = '';
  #close = '';
  #hasGoneOn = false;
  /** Stops after each read, until `resume`. */
  isTrickling = false;
  /** Publications so far. */
  deliveries = 0;

  constructor(options: LoadConnectionOptions) {
    this.#options = options;
    this.#socket = options.place.ca === undefined ? this.#connect() : this.#connectTls();
    this.#socket.on('error', () => this.#end());
    this.#socket.on('close', () => this.#end());
  }

  /** Reads nothing until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Goes away without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  #connect(): Socket {
    const { place, localAddress, scratch } = this.#options;
    const onread = {
      buffer: scratch,
      callback: (length: number) => this.#read(scratch.subarray(0, length)),
    };
    const { port } = place;
    const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true, onread });
    socket.on('connect', () => socket.write(handshake(this.#options.path)));
    return socket;
  }

  #connectTls(): Socket {
    const { place, localAddress } = this.#options;
    const { port, ca } = place;
    // Its types leave the local address out.
    const options = { port, host: '127.0.0.1', localAddress, ca: ca ?? '' };
    const socket = connectTls(options);
    socket.setNoDelay(true);
    socket.on('secureConnect', () => socket.write(handshake(this.#options.path)));
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    return socket;
  }

  /** False: no more for now. */
  #read(bytes: Buffer): boolean {
    if (this.#phase !== 'upgrading') {
      this.#frames(bytes);
      return !this.isTrickling;
    }
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0 || !bytes.toString('latin1', 0, 12).includes('101')) {
      this.#socket.destroy();
      return true;
    }
    this.#phase = 'logging-in';
    this.#options.onProgress?.();
    this.#socket.write(this.#options.login);
    if (end + 4 < bytes.length) this.#frames(bytes.subarray(end + 4));
    return true;
  }

  #frames(chunk: Buffer): void {
    const bytes = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    this.#head = Buffer.alloc(0);
    let at = 0;
    // Where the next newline is, looked for once and not in each frame.
    let newline = bytes.indexOf(NEWLINE);
    while (at < bytes.length) {
      if (this.#left === 0) {
        const head = this.#readHead(bytes, at);
        if (head === 0) {
          this.#head = Buffer.from(bytes.subarray(at));
          return;
        }
        at += head;
      }
      const end = at + Math.min(this.#left, bytes.length - at);
      this.#left -= end - at;
      if (this.#opcode !== TEXT || this.#phase !== 'subscribed') {
        this.#takeRare(bytes.toString('latin1', at, end));
      } else {
        for (;;) {
          if (newline >= 0 && newline < at) newline = bytes.indexOf(NEWLINE, at);
          if (newline < 0 || newline >= end) break;
          this.#objectBytes += newline - at;
          this.#object();
          at = newline + 1;
        }
        this.#objectBytes += end - at;
        if (this.#left === 0) this.#object();
      }
      at = end;
    }
  }

  /** Notes what the frame at this place is; gives how long its head is, 0 when it is not all there. */
  #readHead(bytes: Buffer, at: number): number {
    const size = bytes[at + 1] ?? -1;
    const headBytes = size === 126 ? 4 : size === 127 ? 10 : 2;
    if (size < 0 || bytes.length - at < headBytes) return 0;
    this.#opcode = bytes[at] ?? 0;
    if (size === 126) this.#left = bytes.readUInt16BE(at + 2);
    else this.#left = size === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : size;
    this.#objectBytes = 0;
    return headBytes;
  }

  /** What is not counted but read: replies, and the close frame. */
  #takeRare(part: string): void {
    if (this.#opcode === CLOSE) {
      this.#close += part;
      if (this.#left === 0) this.#socket.destroy();
    } else if (this.#opcode !== TEXT) {
      this.#socket.destroy();
    } else {
      this.#replies += part;
      if (this.#left === 0) this.#replied(`${this.#replies}\n`);
    }
  }

  #replied(said: string): void {
    const { afterConnect, subscriptions, onReady } = this.#options;
    this.#replies = said;
    if (said.includes('"error":')) {
      this.#socket.destroy();
      return;
    }
    if (afterConnect !== undefined && !this.#hasGoneOn && said.includes('"connect":')) {
      this.#hasGoneOn = true;
      this.#options.onProgress?.();
      this.#socket.write(afterConnect);
    }
    if (said.split('"subscribe":').length - 1 < subscriptions) return;
    this.#replies = '';
    this.#phase = 'subscribed';
    onReady(true, said, 0);
  }

  #object(): void {
    const bytes = this.#objectBytes;
    this.#objectBytes = 0;
    if (bytes === PING_BYTES) {
      this.#socket.write(PONG);
    } else {
      this.deliveries += 1;
      this.#options.onDelivery(this);
    }
  }

  #end(): void {
    const was = this.#phase;
    this.#phase = 'over';
    if (was === 'over') return;
    const code = closeCode(this.#close);
    if (was === 'subscribed') this.#options.onClose?.(this, code);
    else this.#options.onReady(false, this.#replies, code);
  }
}

function handshake(path = PATH): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    '\r\n',
  ].join('\r\n');
}

function closeCode(payload: string): number {
  return payload.length < 2 ? ABNORMAL : payload.charCodeAt(0) * 256 + payload.charCodeAt(1);
}
