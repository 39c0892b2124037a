import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Disconnect, disconnects, FrameReader, type FrameSink } from '@telex/hub';
import type { Passage } from './command-gate.ts';
import { FrameBoundary } from './frame-boundary.ts';

export interface ProxiedSocketOptions {
  readonly client: Socket;
  readonly upstream: Duplex;
  /** Longest message of a client. */
  readonly messageBytes: number;
  readonly gate: (message: string) => Passage;
  /** It belongs to this session, too. */
  readonly joined: (session: string) => void;
}

/** A client that takes nothing for so long while something waits for it is gone. */
const STALLED_MS = 30_000;
/** A peer that does not answer a close is cut. */
const CLOSE_MS = 2000;
const TEXT = 0x81;
const BINARY = 0x82;
const CLOSE = 0x88;
const PING = 0x89;
const MASKED = 0x80;
/** Clients have to mask what they send; a mask of zeros changes nothing. */
const NO_MASK = new Uint8Array(4);

/**
 * One WebSocket, handed on to Centrifugo. What comes from the client passes message by message, after a
 * look at its tokens; what comes from Centrifugo passes as it is. Each side is read no faster than the
 * other takes it.
 */
export class ProxiedSocket implements FrameSink {
  readonly #options: ProxiedSocketOptions;
  readonly #reader: FrameReader;
  readonly #boundary = new FrameBoundary();
  /** The client is to be told this, as soon as no frame of Centrifugo's is under way. */
  #farewell: Disconnect | undefined;
  #hasClosed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ProxiedSocketOptions) {
    this.#options = options;
    this.#reader = new FrameReader(options.messageBytes, this);
  }

  /** Begins; the heads are what came along with the handshakes. */
  serve(clientHead: Uint8Array, upstreamHead: Uint8Array): void {
    const { client, upstream } = this.#options;
    upstream.on('data', (chunk: Buffer) => this.#fromUpstream(chunk));
    upstream.on('drain', () => client.resume());
    upstream.on('error', () => this.#upstreamGone());
    upstream.on('end', () => this.#upstreamGone());
    upstream.on('close', () => this.#upstreamGone());
    client.on('data', (chunk: Buffer) => this.#reader.read(chunk));
    client.on('drain', () => this.#drained());
    client.on('end', () => client.destroySoon());
    client.on('close', () => {
      clearTimeout(this.#timer);
      upstream.destroy();
    });
    if (upstreamHead.length > 0) this.#fromUpstream(upstreamHead);
    if (clientHead.length > 0) this.#reader.read(clientHead);
    client.resume();
  }

  /** Ends it with a code that the client understands. */
  end(farewell: Disconnect): void {
    if (this.#farewell !== undefined || this.#hasClosed) return;
    this.#farewell = farewell;
    this.#cutAfter(CLOSE_MS);
    if (this.#boundary.isWhole) this.#sayGoodbye();
  }

  // --- what the frames of the client say -----------------------------------------------------------

  message(bytes: Uint8Array, isText: boolean): void {
    if (this.#isEnding) return;
    const { buffer, byteOffset, byteLength } = bytes;
    const passage = this.#options.gate(
      Buffer.from(buffer, byteOffset, byteLength).toString('utf8'),
    );
    if (!passage.passes) {
      this.end(disconnects.invalidToken);
      return;
    }
    for (const session of passage.sessions) this.#options.joined(session);
    // A listener of `joined` may have ended it.
    if (!this.#isEnding) this.#toUpstream(isText ? TEXT : BINARY, bytes);
  }

  ping(payload: Uint8Array): void {
    if (!this.#isEnding) this.#toUpstream(PING, payload);
  }

  closed(payload: Uint8Array): void {
    if (this.#isEnding) {
      this.#options.client.destroySoon();
      return;
    }
    // Centrifugo answers, and its answer ends both.
    this.#toUpstream(CLOSE, payload);
    this.#cutAfter(CLOSE_MS);
  }

  fault(code: 1002 | 1009): void {
    this.end({ code, reason: code === 1009 ? 'message too big' : 'protocol error' });
  }

  // --- the two directions --------------------------------------------------------------------------

  get #isEnding(): boolean {
    return this.#farewell !== undefined;
  }

  #toUpstream(opcode: number, payload: Uint8Array): void {
    const { client, upstream } = this.#options;
    if (!upstream.writable) return;
    upstream.cork();
    upstream.write(maskedHead(opcode, payload.length));
    const isRead = upstream.write(payload);
    upstream.uncork();
    if (!isRead) client.pause();
  }

  #fromUpstream(chunk: Uint8Array): void {
    const { client, upstream } = this.#options;
    if (this.#hasClosed || !client.writable) return;
    const firstEnd = this.#boundary.pass(chunk);
    const isEnd = this.#isEnding && firstEnd < chunk.length;
    const isRead = client.write(isEnd ? chunk.subarray(0, firstEnd) : chunk);
    if (this.#isEnding) {
      if (isEnd || this.#boundary.isWhole) this.#sayGoodbye();
      return;
    }
    if (isRead || upstream.isPaused()) return;
    upstream.pause();
    this.#cutAfter(STALLED_MS);
  }

  #drained(): void {
    if (this.#isEnding) return;
    clearTimeout(this.#timer);
    this.#options.upstream.resume();
  }

  #sayGoodbye(): void {
    const { client, upstream } = this.#options;
    if (this.#hasClosed || this.#farewell === undefined) return;
    this.#hasClosed = true;
    const { code, reason } = this.#farewell;
    const frame = Buffer.alloc(4 + Buffer.byteLength(reason));
    frame[0] = CLOSE;
    frame[1] = frame.length - 2;
    frame.writeUInt16BE(code, 2);
    frame.write(reason, 4);
    client.write(frame);
    client.resume();
    upstream.destroy();
  }

  #upstreamGone(): void {
    const { client } = this.#options;
    // The client's own answer to our close is still to come.
    if (!this.#hasClosed) client.destroySoon();
  }

  #cutAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#options.client.destroy(), ms);
    this.#timer.unref();
  }
}

function maskedHead(opcode: number, length: number): Buffer {
  const sizeBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + sizeBytes + NO_MASK.length);
  head[0] = opcode;
  head[1] = MASKED | (sizeBytes === 0 ? length : sizeBytes === 2 ? 126 : 127);
  if (sizeBytes === 2) head.writeUInt16BE(length, 2);
  else if (sizeBytes === 8) head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
