import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskedFrame } from '../test/masked-frame.ts';
import { FrameReader } from './frame-reader.ts';

const LIMIT = 1_000;

/** What a reader makes of these bytes, cut at these places. */
function read(bytes: Buffer, cuts: readonly number[] = [], limit = LIMIT): string[] {
  const seen: string[] = [];
  const text = (part: Uint8Array) => Buffer.from(part).toString('latin1');
  const reader = new FrameReader(limit, {
    message: (part, isText) => seen.push(`${isText ? 'text' : 'binary'} ${text(part)}`),
    ping: (part) => seen.push(`ping ${text(part)}`),
    closed: (part) => seen.push(`close ${text(part)}`),
    fault: (code) => seen.push(`fault ${code}`),
  });
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let at = 0;
  for (const end of ends) {
    // Reading unmasks in place, as it may with bytes of the network.
    reader.read(Buffer.from(bytes.subarray(at, end)));
    at = end;
  }
  return seen;
}

test('[HB70] messages read the same however they are cut and fragmented, control frames between them', () => {
  const message = fc.record({
    text: fc.string({ unit: 'grapheme-ascii', maxLength: 300 }),
    fragments: fc.integer({ min: 1, max: 5 }),
    isText: fc.boolean(),
    hasPing: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(message), fc.array(fc.nat(5_000), { maxLength: 30 }), (messages, cuts) => {
      const frames: Buffer[] = [];
      const expected: string[] = [];
      for (const { text, fragments, isText, hasPing } of messages) {
        const size = Math.ceil(text.length / fragments);
        for (let index = 0; index < fragments; index += 1) {
          const part = text.slice(index * size, (index + 1) * size);
          const opcode = index > 0 ? 0 : isText ? 1 : 2;
          frames.push(maskedFrame(part, { opcode, isLast: index === fragments - 1 }));
          if (hasPing && index === 0) {
            frames.push(maskedFrame('p', { opcode: 9 }));
            if (fragments > 1) expected.push('ping p');
          }
        }
        expected.push(`${isText ? 'text' : 'binary'} ${text}`);
        if (hasPing && fragments === 1) expected.push('ping p');
      }
      frames.push(maskedFrame('', { opcode: 8 }), maskedFrame('late'));
      expect(read(Buffer.concat(frames), cuts)).toEqual([...expected, 'close ']);
    }),
  );
});

test('[HB70] a message that comes byte by byte is read', () => {
  const frame = maskedFrame('x'.repeat(900));
  const everywhere = Array.from({ length: frame.length }, (_, index) => index);
  expect(read(frame, everywhere)).toEqual([`text ${'x'.repeat(900)}`]);
});

const broken: Readonly<Record<string, Buffer>> = {
  'an unmasked frame': Buffer.from([0x81, 0x01, 0x61]),
  'a reserved bit': maskedFrame('a', { opcode: 0x41 }),
  'a reserved opcode': maskedFrame('a', { opcode: 3 }),
  'a reserved control opcode': maskedFrame('a', { opcode: 11 }),
  'a continuation of nothing': maskedFrame('a', { opcode: 0 }),
  'a message within a message': Buffer.concat([
    maskedFrame('a', { isLast: false }),
    maskedFrame('b'),
  ]),
  'a ping in fragments': maskedFrame('a', { opcode: 9, isLast: false }),
  'a ping over 125 bytes': maskedFrame('x'.repeat(126), { opcode: 9 }),
};

for (const [what, frame] of Object.entries(broken)) {
  test(`[HB71] ${what} is a fault, and nothing after it is read`, () => {
    expect(read(Buffer.concat([frame, maskedFrame('late')]))).toEqual(['fault 1002']);
  });
}

test('[HB72] [H12] the limit counts all fragments, and the head alone is enough to enforce it', () => {
  expect(read(maskedFrame('x'.repeat(LIMIT)))).toEqual([`text ${'x'.repeat(LIMIT)}`]);
  expect(read(maskedFrame('x'.repeat(LIMIT + 1)).subarray(0, 8))).toEqual(['fault 1009']);
  const fragments = [
    maskedFrame('x'.repeat(LIMIT), { isLast: false }),
    maskedFrame('', { opcode: 0, isLast: false }),
    maskedFrame('y', { opcode: 0 }),
  ];
  expect(read(Buffer.concat(fragments))).toEqual(['fault 1009']);
  const huge = Buffer.from([
    0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0,
  ]);
  expect(read(huge)).toEqual(['fault 1009']);
});

test('[HB71] [HB72] random bytes throw nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat(400)), (bytes, cuts) => {
      read(Buffer.from(bytes), cuts);
    }),
    { numRuns: 2_000 },
  );
});
