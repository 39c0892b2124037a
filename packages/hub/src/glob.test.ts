import { expect, test } from 'vitest';
import { glob } from './glob.ts';

test('[HB66] a pattern matches whole names', () => {
  for (const [pattern, yes, no] of [
    ['*', ['', 'a', 'news:a'], []],
    ['news:*', ['news:', 'news:a'], ['new:', 'xnews:a']],
    ['*a*b', ['ab', 'xaxb', 'aab', 'abab'], ['ba', 'abc']],
    ['a?c', ['abc', 'a?c'], ['ac', 'abbc']],
    ['[ab]x', ['ax', 'bx'], ['cx', 'abx']],
    ['[a-c]x', ['bx'], ['dx', '-x']],
    ['[!a-c]x', ['dx'], ['bx']],
    ['[!a]x', ['bx'], ['ax']],
    ['{news,chat}:*', ['news:a', 'chat:b'], ['other:a', 'news,chat:a']],
    ['{a,b}{1,2}', ['a1', 'b2'], ['a', 'ab']],
    ['\\*\\{', ['*{'], ['a{']],
    ['a.c', ['a.c'], ['abc']],
  ] as const) {
    const matches = glob(pattern);
    expect(yes.filter((name) => !matches(name))).toEqual([]);
    expect(no.filter((name) => matches(name))).toEqual([]);
  }
});

test('[HB66] a hostile pattern costs no more than its length times that of the name', () => {
  const matches = glob(`${'*a'.repeat(60)}b`);
  const startedAt = performance.now();
  for (let times = 0; times < 100; times += 1) expect(matches('a'.repeat(255))).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test('[HB66] what is no pattern is refused', () => {
  expect(() => glob('{a')).toThrow(RangeError);
  expect(() => glob('[a')).toThrow(RangeError);
  expect(() => glob('{a,b}'.repeat(8))).toThrow(RangeError);
});
