import { createFakeClock } from '@telex/testkit';
import { expect, test } from 'vitest';
import { createPaced } from './paced.ts';

function paced() {
  const clock = createFakeClock();
  let runs = 0;
  const { run, close } = createPaced(clock.after, 200, () => {
    runs += 1;
  });
  return { clock, run, close, runs: () => runs };
}

test('one call runs at once and leaves no timer behind', async () => {
  const { clock, run, runs } = paced();
  run();
  expect(runs()).toBe(1);
  await clock.advance(1_000);
  expect(runs()).toBe(1);
  expect(clock.pending).toBe(0);
});

test('a thousand calls in ten seconds are five runs a second, the last one after the last call', async () => {
  const { clock, run, runs } = paced();
  for (let call = 0; call < 1_000; call += 1) {
    run();
    await clock.advance(10);
  }
  expect(runs()).toBe(51);
  run();
  await clock.advance(1_000);
  expect(runs()).toBe(52);
});

test('closed, nothing runs any more', async () => {
  const { clock, run, close, runs } = paced();
  run();
  run();
  close();
  await clock.advance(1_000);
  expect(runs()).toBe(1);
});
