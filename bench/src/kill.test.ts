import { chooseSeed } from '@telex/testkit';
import { expect, test } from 'vitest';
import { killRounds } from './kill-rounds.ts';

test('25 kill -9 of the server under load lose nothing and double nothing (R1)', {
  timeout: 180_000,
}, async () => {
  const seed = chooseSeed();
  console.log(`kill test: seed ${seed} (TELEX_SEED=${seed} repeats it)`);
  const outcome = await killRounds({ moments: 25, seed, progress: () => {} });
  expect(outcome.accepted).toBeGreaterThan(100);
  const { lost, doubled, storedTwice } = outcome;
  const isGood = lost.length + doubled.length + storedTwice.length === 0;
  if (!isGood) console.log(outcome.journal.join('\n'));
  expect({ lost, doubled, storedTwice }).toEqual({ lost: [], doubled: [], storedTwice: [] });
});
