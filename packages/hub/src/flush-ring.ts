import type { Clock } from './ports.ts';

/** Something that has bytes to write. */
export interface Flushable {
  flush(joiner: FrameJoiner): void;
}

/** Sockets written to in one turn of the event loop: about a millisecond and a half. */
const TURN = 256;

/**
 * Who has something to write, in the order in which they came. A turn writes to a part of them and then
 * lets input in, so that a publication to thousands stalls nobody for long; what is published
 * meanwhile joins the queues of those who are still waiting and leaves in the same write. An idle hub
 * writes at once, a busy one makes fewer, larger writes.
 */
export class FlushRing {
  readonly #clock: Clock;
  readonly #joiner = new FrameJoiner();
  #waiting: Flushable[] = [];
  #next = 0;
  #isScheduled = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The caller sees to it that nobody waits twice. */
  add(one: Flushable): void {
    this.#waiting.push(one);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.soon(this.#turn);
  }

  readonly #turn = (): void => {
    this.#isScheduled = false;
    const end = Math.min(this.#waiting.length, this.#next + TURN);
    while (this.#next < end) {
      this.#waiting[this.#next]?.flush(this.#joiner);
      this.#next += 1;
    }
    if (this.#next < this.#waiting.length) {
      this.#forgetWritten();
      this.#schedule();
    } else {
      this.#waiting = [];
      this.#next = 0;
      this.#joiner.forget();
    }
  };

  /** A ring that never runs dry would else keep all who ever waited. */
  #forgetWritten(): void {
    if (this.#next < 16 * TURN || this.#next * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }
}

/** Joins frames into one write. Subscribers of one channel wait for the same frames: they share the result. */
export class FrameJoiner {
  #parts: readonly Uint8Array[] = [];
  #joined = new Uint8Array(0);

  join(parts: readonly Uint8Array[]): Uint8Array {
    const [first] = parts;
    if (parts.length === 1 && first !== undefined) return first;
    if (!this.#isLast(parts)) {
      let length = 0;
      for (const part of parts) length += part.length;
      const joined = new Uint8Array(length);
      let at = 0;
      for (const part of parts) {
        joined.set(part, at);
        at += part.length;
      }
      this.#parts = parts;
      this.#joined = joined;
    }
    return this.#joined;
  }

  forget(): void {
    this.#parts = [];
    this.#joined = new Uint8Array(0);
  }

  #isLast(parts: readonly Uint8Array[]): boolean {
    if (parts.length !== this.#parts.length) return false;
    for (let index = 0; index < parts.length; index += 1) {
      if (parts[index] !== this.#parts[index]) return false;
    }
    return true;
  }
}
