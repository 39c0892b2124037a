/** What a reader finds in the bytes that a client sends. */
export interface FrameSink {
  /** A whole message, unmasked; the bytes are the sink's to keep. */
  message(bytes: Uint8Array, isText: boolean): void;
  ping(payload: Uint8Array): void;
  /** The client closes, or answers our close. Nothing is read after it. */
  closed(payload: Uint8Array): void;
  /** The client breaks the protocol (1002) or sends too much (1009). Nothing is read after it. */
  fault(code: 1002 | 1009): void;
}

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const SHORTEST_HEAD = 2;
const MASK_BYTES = 4;
const MOST_CONTROL_BYTES = 125;
const MOST_PARTS = 64;

interface Head {
  readonly opcode: number;
  readonly isLast: boolean;
  /** Bytes of head and mask, and of the payload. */
  readonly headBytes: number;
  readonly payloadBytes: number;
}

/**
 * Reads the WebSocket frames of a client (RFC 6455 §5): masked, without extensions, in messages of at
 * most `limit` bytes. Between whole frames it holds nothing, so an idle connection costs little.
 */
export class FrameReader {
  readonly #limit: number;
  readonly #sink: FrameSink;
  /** Bytes of a frame that is not whole yet, as they came. */
  #waiting: Uint8Array[] | undefined;
  #waitingBytes = 0;
  /** How many bytes it takes to go on. */
  #needed = SHORTEST_HEAD;
  /** A message in fragments: its opcode, 0 when there is none, and what has come of it. */
  #opcode = 0;
  #fragments: Uint8Array[] | undefined;
  #fragmentBytes = 0;
  #isOver = false;

  constructor(limit: number, sink: FrameSink) {
    this.#limit = limit;
    this.#sink = sink;
  }

  /** Takes bytes as the network brought them; they are unmasked in place. */
  read(chunk: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#waiting !== undefined || chunk.length < this.#needed) {
      this.#waiting ??= [];
      this.#waiting.push(chunk);
      this.#waitingBytes += chunk.length;
      if (this.#waitingBytes < this.#needed) collapse(this.#waiting, this.#waitingBytes);
      else this.#readFrames(join(this.#waiting, this.#waitingBytes));
    } else {
      this.#readFrames(chunk);
    }
  }

  #readFrames(bytes: Uint8Array): void {
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    let at = 0;
    while (at < bytes.length && !this.#isOver) {
      const head = this.#readHead(bytes, at);
      if (head === undefined) return;
      const end = typeof head === 'number' ? at + head : at + head.headBytes + head.payloadBytes;
      if (typeof head === 'number' || end > bytes.length) {
        this.#needed = end - at;
        this.#waiting = [bytes.subarray(at)];
        this.#waitingBytes = bytes.length - at;
        return;
      }
      const payload = bytes.subarray(at + head.headBytes, end);
      unmask(payload, bytes, at + head.headBytes - MASK_BYTES);
      this.#take(head, payload);
      at = end;
    }
    this.#needed = SHORTEST_HEAD;
  }

  /** The head at this place; a number: so many bytes are needed to read it; undefined: it is at fault. */
  #readHead(bytes: Uint8Array, at: number): Head | number | undefined {
    if (bytes.length - at < SHORTEST_HEAD) return SHORTEST_HEAD;
    const first = bytes[at] ?? 0;
    const second = bytes[at + 1] ?? 0;
    const opcode = first & 0x0f;
    const isLast = (first & 0x80) !== 0;
    const isMasked = (second & 0x80) !== 0;
    if ((first & 0x70) !== 0 || !isMasked || !this.#isExpected(opcode, isLast)) {
      return this.#fault(1002);
    }
    const size = second & 0x7f;
    if (opcode >= CLOSE && size > MOST_CONTROL_BYTES) return this.#fault(1002);
    const sizeBytes = size < 126 ? 0 : size === 126 ? 2 : 8;
    const headBytes = SHORTEST_HEAD + sizeBytes + MASK_BYTES;
    if (bytes.length - at < headBytes) return headBytes;
    let payloadBytes = sizeBytes === 0 ? size : 0;
    for (let index = 0; index < sizeBytes; index += 1) {
      payloadBytes = payloadBytes * 256 + (bytes[at + SHORTEST_HEAD + index] ?? 0);
    }
    const isTooMuch = opcode < CLOSE && payloadBytes + this.#fragmentBytes > this.#limit;
    if (isTooMuch) return this.#fault(1009);
    return { opcode, isLast, headBytes, payloadBytes };
  }

  #isExpected(opcode: number, isLast: boolean): boolean {
    switch (opcode) {
      case 0:
        return this.#opcode !== 0;
      case TEXT:
      case BINARY:
        return this.#opcode === 0;
      case CLOSE:
      case PING:
      case PONG:
        return isLast;
      default:
        return false;
    }
  }

  #take({ opcode, isLast }: Head, payload: Uint8Array): void {
    switch (opcode) {
      case CLOSE:
        this.#isOver = true;
        this.#sink.closed(payload);
        break;
      case PING:
        this.#sink.ping(payload);
        break;
      case PONG:
        break;
      default:
        this.#takeData(opcode, isLast, payload);
    }
  }

  #takeData(opcode: number, isLast: boolean, payload: Uint8Array): void {
    if (isLast && this.#fragments === undefined) {
      this.#sink.message(payload, opcode === TEXT);
      return;
    }
    if (opcode !== 0) this.#opcode = opcode;
    this.#fragments ??= [];
    // Empty fragments are allowed without end, and nothing of them is kept.
    if (payload.length > 0) this.#fragments.push(payload);
    this.#fragmentBytes += payload.length;
    if (!isLast) {
      collapse(this.#fragments, this.#fragmentBytes);
      return;
    }
    const message = join(this.#fragments, this.#fragmentBytes);
    const isText = this.#opcode === TEXT;
    this.#opcode = 0;
    this.#fragments = undefined;
    this.#fragmentBytes = 0;
    this.#sink.message(message, isText);
  }

  #fault(code: 1002 | 1009): undefined {
    this.#isOver = true;
    this.#sink.fault(code);
  }
}

function unmask(payload: Uint8Array, bytes: Uint8Array, maskAt: number): void {
  const first = bytes[maskAt] ?? 0;
  const second = bytes[maskAt + 1] ?? 0;
  const third = bytes[maskAt + 2] ?? 0;
  const fourth = bytes[maskAt + 3] ?? 0;
  const { length } = payload;
  let index = 0;
  for (; index + 3 < length; index += 4) {
    payload[index] = (payload[index] ?? 0) ^ first;
    payload[index + 1] = (payload[index + 1] ?? 0) ^ second;
    payload[index + 2] = (payload[index + 2] ?? 0) ^ third;
    payload[index + 3] = (payload[index + 3] ?? 0) ^ fourth;
  }
  for (; index < length; index += 1) {
    payload[index] = (payload[index] ?? 0) ^ (bytes[maskAt + (index & 3)] ?? 0);
  }
}

/** A peer that sends byte by byte must not cost an object for each. */
function collapse(parts: Uint8Array[], length: number): void {
  if (parts.length >= MOST_PARTS) parts.splice(0, parts.length, join(parts, length));
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
