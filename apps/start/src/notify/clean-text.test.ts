import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanText, NAME_LENGTH, TEXT_LENGTH } from './clean-text.ts';

const seed = Number(process.env.TELEX_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`clean text: seed ${seed} (TELEX_SEED repeats it)`);

test('[T1] a name of 20,000 characters is cut, and 100 of them cost less than 20 ms', () => {
  const name = 'ä 😀'.repeat(5_000);
  cleanText(name, NAME_LENGTH);
  const from = performance.now();
  for (let round = 0; round < 100; round += 1) cleanText(name, NAME_LENGTH);
  expect(performance.now() - from).toBeLessThan(20);
  expect(cleanText(name, NAME_LENGTH)).toMatch(/^ä 😀.*…$/u);
});

test('[T1] what fits is left whole, a cut never goes through a surrogate pair', () => {
  expect(cleanText('short', 5)).toBe('short');
  expect(cleanText('ab😀d', 4)).toBe('ab…');
  expect(cleanText('', 5)).toBe('');
});

test('[T2] escape sequences lose what makes a terminal obey them', () => {
  expect(cleanText('\u001b[31mred\u001b]0;title\u0007\u009b2J', TEXT_LENGTH)).toBe(
    '[31mred]0;title2J',
  );
  expect(cleanText('a\r\n\tb\u2028c\u0000d', TEXT_LENGTH)).toBe('a b cd');
  expect(cleanText('safe\u202egnp.exe\u2066\u200b', TEXT_LENGTH)).toBe('safegnp.exe');
});

test('[T3] markup is passed on as text', () => {
  expect(cleanText('<b>bold</b> & <img src=x>', TEXT_LENGTH)).toBe('<b>bold</b> & <img src=x>');
});

test('[T1][T2] whatever comes in, what goes out is short, well-formed and steers nothing', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 500 }),
      fc.integer({ min: 1, max: 300 }),
      (text, limit) => {
        const clean = cleanText(text, limit);
        expect(clean.length).toBeLessThanOrEqual(limit);
        expect(clean.isWellFormed()).toBe(true);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
        expect(clean).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
      },
    ),
    { seed, numRuns: 1_000 },
  );
});
