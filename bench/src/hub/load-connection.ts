import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { tlsKey, tlsOptions } from './messages.ts';

const HANDSHAKE = [
  'GET /connection/websocket HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '\r\n',
].join('\r\n');
const PING = 2;
const PONG = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x7b, 0x7d]);
/** All sockets read into it: what is read is counted at once and never kept. */
const scratch = Buffer.alloc(1 << 18);

export interface LoadConnectionOptions {
  readonly port: number;
  readonly isTls: boolean;
  readonly localAddress: string;
  /** The masked frame with connect and subscribe. */
  readonly login: Buffer;
  /** Called for each message after the replies, pings aside. */
  readonly onDelivery: () => void;
  /** Both replies have come, or the connection failed. */
  readonly onReady: (isSubscribed: boolean) => void;
}

/** A raw WebSocket that reads no more of a frame than its length. */
export class LoadConnection {
  readonly #options: LoadConnectionOptions;
  readonly #socket: Socket;
  #phase: 'upgrading' | 'logging-in' | 'subscribed' | 'over' = 'upgrading';
  /** Of the frame that is being read: bytes still to come. */
  #left = 0;
  /** A frame's head that came in pieces. */
  #head = Buffer.alloc(0);

  constructor(options: LoadConnectionOptions) {
    this.#options = options;
    this.#socket = options.isTls ? this.#connectTls() : this.#connect();
    this.#socket.on('error', () => this.#fail());
    this.#socket.on('close', () => this.#fail());
  }

  #connect(): Socket {
    const { port, localAddress } = this.#options;
    const onread = {
      buffer: scratch,
      callback: (length: number) => this.#read(scratch.subarray(0, length)),
    };
    const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true, onread });
    socket.on('connect', () => socket.write(HANDSHAKE));
    return socket;
  }

  #connectTls(): Socket {
    const { port, localAddress } = this.#options;
    const options = {
      ...tlsOptions,
      port,
      host: '127.0.0.1',
      localAddress,
      pskCallback: () => ({ psk: tlsKey, identity: 'bench' }),
      checkServerIdentity: () => undefined,
    };
    const socket = connectTls(options);
    socket.on('secureConnect', () => socket.write(HANDSHAKE));
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    return socket;
  }

  #read(bytes: Buffer): boolean {
    if (this.#phase === 'upgrading') {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0 || !bytes.toString('latin1', 0, 12).includes('101')) {
        this.#socket.destroy();
        return true;
      }
      this.#phase = 'logging-in';
      this.#socket.write(this.#options.login);
      if (end + 4 < bytes.length) this.#frames(bytes.subarray(end + 4));
      return true;
    }
    this.#frames(bytes);
    return true;
  }

  #frames(chunk: Buffer): void {
    const bytes = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    this.#head = Buffer.alloc(0);
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        at += taken;
        continue;
      }
      const kind = bytes[at + 1] ?? -1;
      const headLength = kind === 126 ? 4 : kind === 127 ? 10 : 2;
      if (kind < 0 || bytes.length - at < headLength) {
        this.#head = Buffer.from(bytes.subarray(at));
        return;
      }
      this.#left =
        kind === 126
          ? bytes.readUInt16BE(at + 2)
          : kind === 127
            ? Number(bytes.readBigUInt64BE(at + 2))
            : kind;
      at += headLength;
      this.#frame(bytes[at - headLength] === 0x81, this.#left);
    }
  }

  #frame(isText: boolean, length: number): void {
    if (!isText) {
      this.#socket.destroy();
    } else if (length === PING) {
      this.#socket.write(PONG);
    } else if (this.#phase === 'logging-in') {
      // Both replies fit one message: 200 bytes and more. An error reply alone is shorter.
      if (length < 200) this.#socket.destroy();
      else {
        this.#phase = 'subscribed';
        this.#options.onReady(true);
      }
    } else {
      this.#options.onDelivery();
    }
  }

  #fail(): void {
    const wasReady = this.#phase === 'subscribed' || this.#phase === 'over';
    this.#phase = 'over';
    if (!wasReady) this.#options.onReady(false);
  }
}
