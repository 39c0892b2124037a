import type { HubSocket } from '../src/index.ts';

/** A socket that takes everything, or nothing while it is blocked. */
export class FakeSocket implements HubSocket {
  /** Texts of the WebSocket messages that have left. */
  readonly messages: string[] = [];
  /** Sizes of the writes, in bytes. */
  readonly writes: number[] = [];
  close_: { readonly code: number; readonly reason: string } | undefined;
  isTerminated = false;
  #isBlocked = false;
  #waiting: Uint8Array[] = [];

  write(frames: Uint8Array): boolean {
    if (this.#isBlocked) this.#waiting.push(frames);
    else this.#leave(frames);
    return !this.#isBlocked;
  }

  bufferedBytes(): number {
    return this.#waiting.reduce((sum, { length }) => sum + length, 0);
  }

  close(code: number, reason: string): void {
    this.close_ ??= { code, reason };
  }

  terminate(): void {
    this.isTerminated = true;
  }

  /** The peer stops reading. */
  block(): void {
    this.#isBlocked = true;
  }

  /** The peer reads again; the driver then says `drained`. */
  unblock(): void {
    this.#isBlocked = false;
    for (const frames of this.#waiting.splice(0)) this.#leave(frames);
  }

  #leave(frames: Uint8Array): void {
    this.writes.push(frames.length);
    this.messages.push(...readFrames(Buffer.from(frames)));
  }
}

/** Texts of unmasked, unfragmented WebSocket messages (RFC 6455 §5.2). */
export function readFrames(bytes: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== 0x81) throw new Error(`no text frame begins with ${bytes[at]}`);
    let length = bytes.readUInt8(at + 1);
    at += 2;
    if (length === 126) {
      length = bytes.readUInt16BE(at);
      at += 2;
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(at));
      at += 8;
    }
    if (at + length > bytes.length) throw new Error('a frame is longer than what was written');
    texts.push(bytes.toString('utf8', at, at + length));
    at += length;
  }
  return texts;
}
