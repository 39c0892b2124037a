import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_SPANS, SeqSpans } from './seq-spans.ts';

test('[I5] a run of pushes is one span, a break begins another', () => {
  const spans = new SeqSpans();
  for (const seq of [5, 8, 9]) spans.add(seq);
  spans.break();
  for (const seq of [20, 22]) spans.add(seq);
  const known = [4, 5, 7, 9, 10, 19, 20, 21, 22, 23].filter((seq) => spans.has(seq));
  expect(known).toEqual([5, 7, 9, 20, 21, 22]);
  spans.forgetUpTo(9);
  expect([9, 20].filter((seq) => spans.has(seq))).toEqual([20]);
});

test('what is remembered grows with the breaks only, and not without bound', () => {
  const spans = new SeqSpans();
  for (let run = 1; run <= MAX_SPANS + 50; run += 1) {
    spans.add(run * 10);
    spans.break();
  }
  expect(spans.has(10)).toBe(false);
  expect(spans.has((MAX_SPANS + 50) * 10)).toBe(true);
});

test('every push added since the mark is known, whatever came between', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.boolean()), { maxLength: 90 }),
      (steps) => {
        const spans = new SeqSpans();
        const added: number[] = [];
        let seq = 0;
        for (const [step, isBreak] of steps) {
          seq += step;
          spans.add(seq);
          added.push(seq);
          if (isBreak) spans.break();
        }
        expect(added.every((one) => spans.has(one))).toBe(true);
      },
    ),
  );
});
