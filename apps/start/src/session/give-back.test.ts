import { createFakeClock } from '@telex/testkit';
import { expect, test } from 'vitest';
import { createGiveBack, PAUSE_MS, QUIET_MS } from './give-back.ts';

function start() {
  const clock = createFakeClock();
  let collected = 0;
  const { busy, close } = createGiveBack({
    clock,
    collect: () => {
      collected += 1;
    },
  });
  return { clock, busy, close, collected: () => collected };
}

test('once it is quiet memory is given back, once, and no timer is left', async () => {
  const { clock, busy, collected } = start();
  busy();
  await clock.advance(QUIET_MS - 1);
  expect(collected()).toBe(0);
  await clock.advance(1);
  expect(collected()).toBe(1);
  expect(clock.pending).toBe(0);
});

test('while messages come it waits, with one timer however many they are', async () => {
  const { clock, busy, collected } = start();
  for (let message = 0; message < 1_000; message += 1) {
    busy();
    expect(clock.pending).toBe(1);
    await clock.advance(10);
  }
  expect(collected()).toBe(0);
  await clock.advance(QUIET_MS);
  expect(collected()).toBe(1);
});

test('a message now and then is not followed by cleaning each time', async () => {
  const { clock, busy, collected } = start();
  for (let message = 0; message < 20; message += 1) {
    busy();
    await clock.advance(6_000);
  }
  expect(collected()).toBeLessThanOrEqual((20 * 6_000) / PAUSE_MS + 1);
});

test('closed, nothing is collected any more', async () => {
  const { clock, busy, close, collected } = start();
  busy();
  close();
  await clock.advance(PAUSE_MS);
  expect(collected()).toBe(0);
});
