import type { HubSocket, SharedMessage } from './ports.ts';

/** Replies and pushes of one WebSocket message at most (centrifugo.md §2). */
const BATCH = 16;

/**
 * What leaves for one client. Between `hold` and `release` objects are gathered and joined by a
 * newline; a client that cannot split frames (SPEC.md, extension) gets each in a message of its own.
 */
export class Outbox {
  readonly #socket: HubSocket;
  readonly #queueBytes: number;
  #held: string[] | undefined;
  /** One JSON object a message. */
  isSingle = false;

  constructor(socket: HubSocket, queueBytes: number) {
    this.#socket = socket;
    this.#queueBytes = queueBytes;
  }

  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return;
    for (let from = 0; from < held.length; from += BATCH) {
      this.#socket.send(held.slice(from, from + BATCH).join('\n'));
    }
  }

  send(object: string): void {
    if (this.#held === undefined || this.isSingle) this.#socket.send(object);
    else this.#held.push(object);
  }

  /** A publication; whatever is held goes first, so that no push overtakes its subscribe reply (H1). */
  sendShared(message: SharedMessage): void {
    if (this.#held !== undefined && this.#held.length > 0) {
      this.release();
      this.hold();
    }
    this.#socket.sendShared(message);
  }

  /** More is waiting than this client may have: it reads too slowly. */
  get isOverfull(): boolean {
    return this.#socket.bufferedBytes() > this.#queueBytes;
  }
}
