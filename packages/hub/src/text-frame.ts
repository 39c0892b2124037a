/** The bytes of an unmasked, unfragmented WebSocket text message, as a server sends it (RFC 6455 §5.2). */
export function textFrame(text: string): Uint8Array {
  const payload = new TextEncoder().encode(text);
  const { length } = payload;
  const head = frameHeadBytes(length);
  const frame = new Uint8Array(head + length);
  writeFrameHead(frame, length);
  frame.set(payload, head);
  return frame;
}

/** How many bytes stand before a payload of this length. */
export function frameHeadBytes(length: number): 2 | 4 | 10 {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

/** Writes the head of a whole text message at the start of `frame`. */
export function writeFrameHead(frame: Uint8Array, length: number): void {
  frame[0] = 0x81;
  if (length < 126) {
    frame[1] = length;
  } else if (length < 65_536) {
    frame[1] = 126;
    frame[2] = length >>> 8;
    frame[3] = length & 0xff;
  } else {
    frame[1] = 127;
    for (let index = 0; index < 8; index += 1) {
      frame[9 - index] = Math.floor(length / 256 ** index) & 0xff;
    }
  }
}

/** Bytes that a text takes in UTF-8. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    // A surrogate pair is 4 bytes: 2 for each half.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}
