import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodePorts } from '../node/index.ts';
import { readFrames } from '../test/fake-socket.ts';
import { textFrame, utf8Bytes } from './text-frame.ts';

test('[HB34] frames of every size class read back as they were, and Node frames the same bytes', () => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536, 70_000]) {
    const text = 'ä'.repeat(length >> 1) + 'x'.repeat(length & 1);
    const frame = Buffer.from(textFrame(text));
    expect(readFrames(frame)).toEqual([text]);
    expect(nodePorts.encodeFrame?.(text)).toEqual(frame);
  }
});

test('[H12] UTF-8 bytes are counted, not characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(utf8Bytes(text)).toBe(Buffer.byteLength(text));
    }),
  );
});
