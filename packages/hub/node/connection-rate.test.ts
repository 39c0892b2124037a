import { expect, test } from 'vitest';
import { ConnectionRate } from './connection-rate.ts';

test('[HB67] so many connections a second pass, and no more than that at once', () => {
  let now = 5_000;
  const rate = new ConnectionRate(5, () => now);
  const passed = () => Array.from({ length: 20 }, () => rate.take()).filter(Boolean).length;
  expect(passed()).toBe(5);
  now += 200;
  expect(passed()).toBe(1);
  now += 1_000;
  expect(passed()).toBe(5);
  now += 60_000;
  expect(passed()).toBe(5);
});
