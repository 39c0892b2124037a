/**
 * Follows the frames of a WebSocket (RFC 6455 §5.2) in bytes that pass by, to know where one of our own
 * may be put in between. Keeps nothing of them.
 */
export class FrameBoundary {
  /** Bytes of a head that has not come whole. */
  #head: number[] = [];
  #payloadLeft = 0;

  /** The last frame has passed whole. */
  get isWhole(): boolean {
    return this.#payloadLeft === 0 && this.#head.length === 0;
  }

  /** Gives where in the chunk the first frame ends that began before it; its length where none does. */
  pass(chunk: Uint8Array): number {
    let at = 0;
    let firstEnd = this.isWhole ? 0 : undefined;
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const taken = Math.min(this.#payloadLeft, chunk.length - at);
        this.#payloadLeft -= taken;
        at += taken;
      } else {
        this.#head.push(chunk[at] ?? 0);
        at += 1;
        if (this.#head.length === headBytes(this.#head)) {
          this.#payloadLeft = payloadBytes(this.#head);
          this.#head = [];
        }
      }
      if (firstEnd === undefined && this.isWhole) firstEnd = at;
    }
    return firstEnd ?? chunk.length;
  }
}

/** How long this head is, as far as it can be told. */
function headBytes(head: readonly number[]): number {
  const second = head[1];
  if (second === undefined) return 2;
  const size = second & 0x7f;
  return 2 + (size < 126 ? 0 : size === 126 ? 2 : 8) + ((second & 0x80) === 0 ? 0 : 4);
}

function payloadBytes(head: readonly number[]): number {
  const size = (head[1] ?? 0) & 0x7f;
  if (size < 126) return size;
  const bytes = head.slice(2, size === 126 ? 4 : 10);
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}
