import { chooseSeed, seededRandom } from '@telex/testkit';
import { expect, test } from 'vitest';
import { backOffMs, flapDelayMs, refusalDelayMs } from './reconnect-policy.ts';

test('[L10] no ten seconds hold more than five dials, whatever the jitter', () => {
  const seed = chooseSeed();
  console.log(`back-off: TELEX_SEED=${seed}`);
  const random = seededRandom(seed);
  for (let round = 0; round < 2_000; round += 1) {
    const dials = [0];
    for (let tries = 0; tries < 12; tries += 1) {
      const jitter = round === 0 ? 0 : random();
      dials.push((dials.at(-1) ?? 0) + backOffMs(tries, jitter));
    }
    for (const start of dials) {
      const within = dials.filter((at) => at >= start && at < start + 10_000).length;
      expect(within, `seed ${seed}, round ${round}`).toBeLessThanOrEqual(5);
    }
  }
});

test('delays stay in their windows', () => {
  expect([backOffMs(0, 0), backOffMs(0, 1), backOffMs(99, 1)]).toEqual([500, 2_000, 20_000]);
  expect([refusalDelayMs(0), refusalDelayMs(1)]).toEqual([35_000, 60_000]);
  expect([flapDelayMs(0), flapDelayMs(1)]).toEqual([120_000, 240_000]);
});
