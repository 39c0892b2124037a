import type { Flushable, FrameJoiner } from './flush-ring.ts';
import type { FrameEncoder, HubSocket } from './ports.ts';
import { utf8Bytes } from './text-frame.ts';

/** Replies and pushes of one WebSocket message at most (centrifugo.md §2). */
const BATCH = 16;
/** Bytes of one write: a socket that is full is noticed in time. */
const WRITE_BYTES = 65_536;

/** A message that is framed once and may wait for many clients. */
export interface Frame {
  readonly bytes: Uint8Array;
  /** Whose publication it is: those still waiting are dropped when the subscription ends (H11). */
  readonly channel: unknown;
}

/** What an outbox needs of its hub; one for all. */
export interface OutboxHost {
  readonly queueBytes: number;
  readonly encodeFrame: FrameEncoder;
  readonly joiner: FrameJoiner;
  /** Has `flush` called soon. */
  flushSoon(outbox: Flushable): void;
}

/**
 * What leaves for one client, in order. Between `hold` and `release` replies are gathered and joined by
 * newlines; a client that cannot split frames (HB51) gets each in a message of its own. Publications
 * wait for the flush ring, replies leave at once with all that waits before them.
 */
export class Outbox implements Flushable {
  readonly #host: OutboxHost;
  readonly #socket: HubSocket;
  #held: string[] | undefined;
  #heldBytes = 0;
  /** What waits: as a rule one frame, which then costs no list; else all of them in the list. */
  #only: Frame | undefined;
  #queue: Frame[] | undefined;
  #queuedBytes = 0;
  /** In the flush ring. */
  #isWaiting = false;
  /** The socket took all it can; `drained` ends that. */
  #isBlocked = false;
  /** One JSON object a message. */
  isSingle = false;

  constructor(host: OutboxHost, socket: HubSocket) {
    this.#host = host;
    this.#socket = socket;
  }

  /** Bytes that may still be queued before this client counts as slow. */
  get room(): number {
    return this.#host.queueBytes - this.#bytes - this.#heldBytes;
  }

  /** More is waiting than a client may have: it reads too slowly. */
  get isOverfull(): boolean {
    return this.#bytes > this.#host.queueBytes;
  }

  hold(): void {
    this.#held ??= [];
  }

  /** Sends what was held, and everything queued before it. */
  release(): void {
    this.#seal();
    this.#held = undefined;
    this.flush(this.#host.joiner);
  }

  /** A reply or a push to this client alone: one JSON object. */
  send(object: string): void {
    if (this.#held === undefined) {
      this.#enqueue({ bytes: this.#host.encodeFrame(object), channel: undefined });
      this.#flushSoon();
      return;
    }
    this.#held.push(object);
    this.#heldBytes += utf8Bytes(object) + 1;
  }

  /** A publication; whatever is held goes first, so that no push overtakes its subscribe reply (H1). */
  deliver(frame: Frame): void {
    if (this.#held !== undefined && this.#held.length > 0) this.#seal();
    this.#enqueue(frame);
    // A burst within one turn must not make a healthy client look slow.
    if (this.#queuedBytes > WRITE_BYTES) this.flush(this.#host.joiner);
    else this.#flushSoon();
  }

  /** Publications that have not left are not sent any more. */
  dropPublications(channel: unknown): void {
    if (this.#only !== undefined && this.#only.channel === channel) {
      this.#only = undefined;
      this.#queuedBytes = 0;
    }
    if (this.#queue === undefined) return;
    this.#queue = this.#queue.filter((frame) => frame.channel !== channel);
    this.#queuedBytes = this.#queue.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** Forgets everything that has not left. */
  discard(): void {
    this.#held = undefined;
    this.#heldBytes = 0;
    this.#only = undefined;
    this.#queue = undefined;
    this.#queuedBytes = 0;
  }

  drained(): void {
    this.#isBlocked = false;
    this.flush(this.#host.joiner);
  }

  flush(joiner: FrameJoiner): void {
    this.#isWaiting = false;
    const only = this.#only;
    if (only !== undefined && !this.#isBlocked) {
      this.#only = undefined;
      this.#queuedBytes = 0;
      this.#isBlocked = !this.#socket.write(only.bytes);
    }
    while (this.#queue !== undefined && !this.#isBlocked) {
      this.#isBlocked = !this.#socket.write(joiner.join(this.#take(this.#queue)));
    }
  }

  get #bytes(): number {
    // A socket that is not blocked holds little: asking it each time would cost more than it tells.
    return this.#queuedBytes + (this.#isBlocked ? this.#socket.bufferedBytes() : 0);
  }

  /** Takes frames off the queue's front, as many as one write may have. */
  #take(queue: Frame[]): Uint8Array[] {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for (const frame of queue) {
      if (parts.length > 0 && bytes + frame.bytes.length > WRITE_BYTES) break;
      parts.push(frame.bytes);
      bytes += frame.bytes.length;
    }
    this.#queue = parts.length === queue.length ? undefined : queue.slice(parts.length);
    this.#queuedBytes -= bytes;
    return parts;
  }

  /** Frames what is held, at most 16 objects a message. */
  #seal(): void {
    const held = this.#held;
    if (held === undefined || held.length === 0) return;
    this.#held = [];
    this.#heldBytes = 0;
    const batch = this.isSingle ? 1 : BATCH;
    for (let from = 0; from < held.length; from += batch) {
      const text = held.slice(from, from + batch).join('\n');
      this.#enqueue({ bytes: this.#host.encodeFrame(text), channel: undefined });
    }
  }

  #enqueue(frame: Frame): void {
    if (this.#queue !== undefined) {
      this.#queue.push(frame);
    } else if (this.#only === undefined) {
      this.#only = frame;
    } else {
      this.#queue = [this.#only, frame];
      this.#only = undefined;
    }
    this.#queuedBytes += frame.bytes.length;
  }

  #flushSoon(): void {
    if (this.#isWaiting || this.#isBlocked) return;
    this.#isWaiting = true;
    this.#host.flushSoon(this);
  }
}
