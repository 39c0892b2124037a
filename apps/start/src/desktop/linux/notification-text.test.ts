import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bodyText, summaryText } from './notification-text.ts';

const rendering = { name: 'fake', capabilities: new Set(['body', 'body-markup']) };
const plain = { name: 'fake', capabilities: new Set(['body']) };
const oddDunst = { name: 'dunst', capabilities: new Set(['body']) };

test('[T3] markup is escaped where it is rendered, or may be', () => {
  const text = '<b>R&D</b> &lt;';
  const escaped = '&lt;b&gt;R&amp;D&lt;/b&gt; &amp;lt;';
  expect(bodyText(text, rendering)).toBe(escaped);
  expect(bodyText(text, { name: '', capabilities: undefined })).toBe(escaped);
  expect(bodyText(text, plain)).toBe(text);
});

test('[T3] for a dunst that may or may not render it, it reads nearly the same', () => {
  expect(bodyText('<b>R&amp;D</b>', oddDunst)).toBe('‹b›R&\u2060amp;D‹/b›');
});

test('nothing that D-Bus or XML refuses is left, and all else is', () => {
  const seed = Number(process.env.TELEX_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`notification text: seed ${seed} (TELEX_SEED repeats it)`);
  expect(summaryText('a\u0000b\u001bc\ud800d\tgrüß 😀 שלום\n')).toBe('abc\ufffdd\tgrüß 😀 שלום\n');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const server of [rendering, plain, oddDunst]) {
        const body = bodyText(text, server);
        expect(body.isWellFormed()).toBe(true);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
        expect(body).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
        if (server !== plain) expect(body).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);|\u2060)/);
      }
    }),
    { seed, numRuns: 1_000 },
  );
});
