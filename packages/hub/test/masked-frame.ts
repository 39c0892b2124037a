export interface FrameShape {
  /** 1 (text) by default; further bits of the first byte are kept. */
  readonly opcode?: number;
  readonly isLast?: boolean;
}

/** One frame as a client sends it (RFC 6455 §5.2); the text is taken as Latin-1, a byte a character. */
export function maskedFrame(text: string, { opcode = 1, isLast = true }: FrameShape = {}): Buffer {
  const payload = Buffer.from(text, 'latin1');
  const { length } = payload;
  const size = length < 126 ? [length] : length < 65_536 ? [126, length >>> 8, length & 0xff] : [];
  if (size.length === 0) throw new RangeError('frames of 64 KiB and more are not needed here');
  const mask = [0x12, 0xf4, 0x56, 0x78];
  const head = Buffer.from([(isLast ? 0x80 : 0) | opcode, 0x80 | (size[0] ?? 0), ...size.slice(1)]);
  const masked = payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0));
  return Buffer.concat([head, Buffer.from(mask), masked]);
}
