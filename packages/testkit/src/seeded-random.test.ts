import { expect, test } from 'vitest';
import { seededRandom } from './seeded-random.ts';

const row = (seed: number) => Array.from({ length: 1000 }, seededRandom(seed));

test('the same seed gives the same row, another seed another one', () => {
  expect(row(7)).toEqual(row(7));
  expect(row(7)).not.toEqual(row(8));
});

test('numbers are spread over [0, 1)', () => {
  const numbers = row(42);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const inIt = numbers.filter((number) => Math.floor(number * 10) === tenth).length;
    expect(inIt).toBeGreaterThan(60);
  }
});
