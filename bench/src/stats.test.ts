import { expect, test } from 'vitest';
import { median, percentile, significant } from './stats.ts';

test('a percentile is the nearest rank, whatever the order of the samples', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(samples, 0.5)).toBe(50);
  expect(percentile(samples, 0.99)).toBe(99);
  expect(percentile([7], 0.99)).toBe(7);
});

test('the median of an even number of samples is the mean of the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
});

test('no samples give an error, not a figure', () => {
  expect(() => percentile([], 0.5)).toThrow(RangeError);
  expect(() => median([])).toThrow(RangeError);
});

test('only measured digits are shown', () => {
  expect(significant(1234.567)).toBe(1230);
  expect(significant(0.0123456)).toBe(0.0123);
});
