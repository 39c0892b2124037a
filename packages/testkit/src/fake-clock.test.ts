import { expect, test } from 'vitest';
import { clockContract } from './clock-contract.ts';
import { createFakeClock } from './fake-clock.ts';

clockContract('the fake clock', () => {
  const clock = createFakeClock();
  return { clock, pass: (ms) => clock.advance(ms) };
});

test('a machine that sleeps moves the wall clock only', async () => {
  const clock = createFakeClock(1_000);
  let ran = 0;
  clock.after(10, () => {
    ran += 1;
  });
  clock.sleep(5_000);
  expect([clock.now(), clock.unixMs(), ran]).toEqual([0, 6_000, 0]);
  await clock.advance(10);
  expect(ran).toBe(1);
});

test('runUntil moves from timer to timer, and says when it does not happen', async () => {
  const clock = createFakeClock();
  let rounds = 0;
  const again = () => {
    rounds += 1;
    clock.after(1_000, again);
  };
  again();
  await clock.runUntil(() => rounds === 5);
  expect(clock.now()).toBe(4_000);
  await expect(clock.runUntil(() => false, 3_000)).rejects.toThrow('did not happen');
});
