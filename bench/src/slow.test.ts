import { expect, test } from 'vitest';
import { slowRounds } from './slow/slow-rounds.ts';

/** What other tests beside this one may add to a p99, in ms: a hub that waits for a slow reader is held up for seconds. */
const NOISE_MS = 100;

test('a minute with 1 % slow readers among 1,000: the others get everything in time, the slow are closed 3008, memory stays (H8)', {
  timeout: 240_000,
}, async () => {
  const { rounds, slow, ratio, quietP99, slowP99 } = await slowRounds({
    connections: 1_000,
    rounds: 3,
    quietSeconds: 8,
    slowSeconds: 20,
    perSecond: 10,
    progress: (line) => console.log(line),
  });
  expect(rounds.map(({ missing }) => missing)).toEqual([0, 0, 0]);
  const closed = rounds.reduce((sum, { closedSlow }) => sum + closedSlow, 0);
  expect(closed).toBeGreaterThanOrEqual(slow);
  if (slowP99 > quietP99 + NOISE_MS) expect(ratio).toBeLessThanOrEqual(2);
  // Beyond a queue of 1 MB for each slow reader nothing may pile up.
  const grown = Math.max(...rounds.map(({ slowMb, quietMb }) => slowMb - quietMb));
  expect(grown).toBeLessThan(slow * 2 + 40);
});
