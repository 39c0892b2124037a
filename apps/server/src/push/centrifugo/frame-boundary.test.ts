import { frameHeadBytes, writeFrameHead } from '@telex/hub';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameBoundary } from './frame-boundary.ts';

function frame(length: number): Uint8Array {
  const bytes = new Uint8Array(frameHeadBytes(length) + length);
  writeFrameHead(bytes, length);
  return bytes;
}

it('a boundary is found in any frames, cut anywhere', () => {
  const sizes = fc.array(fc.constantFrom(0, 1, 125, 126, 300, 65_535, 65_536), { maxLength: 5 });
  const cuts = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(sizes, cuts, (lengths, steps) => {
      const frames = lengths.map(frame);
      const bytes = Buffer.concat(frames);
      const ends = new Set([0]);
      let end = 0;
      for (const one of frames) {
        end += one.length;
        ends.add(end);
      }
      const boundary = new FrameBoundary();
      let at = 0;
      for (let step = 0; at < bytes.length; step += 1) {
        const before = at;
        const wasWhole = boundary.isWhole;
        const chunk = bytes.subarray(at, at + (steps[step % steps.length] ?? 1));
        const firstEnd = boundary.pass(chunk);
        at += chunk.length;
        expect(boundary.isWhole).toBe(ends.has(at));
        const next = wasWhole ? before : [...ends].find((one) => one > before && one <= at);
        expect(before + firstEnd).toBe(next ?? at);
      }
    }),
  );
});
