import { chooseSeed } from '@telex/testkit';
import { expect, test } from 'vitest';
import { killRounds } from './kill-rounds.ts';

test.each([
  { push: 'hub', moments: 25, parts: 'the server' },
  { push: 'engine', moments: 13, parts: 'the server, of Centrifugo’s engine and of both' },
  {
    push: 'engine-redis',
    moments: 12,
    parts: 'the server, of Centrifugo’s engine on Redis and of both',
  },
] as const)(
  '$moments kill -9 of $parts under load lose nothing and double nothing (R1)',
  {
    timeout: 180_000,
  },
  async ({ push, moments }) => {
    const seed = chooseSeed();
    console.log(`kill test, ${push}: seed ${seed} (TELEX_SEED=${seed} repeats it)`);
    const outcome = await killRounds({ moments, seed, push, progress: () => {} });
    expect(outcome.accepted).toBeGreaterThan(100);
    const { lost, doubled, storedTwice } = outcome;
    const isGood = lost.length + doubled.length + storedTwice.length === 0;
    if (!isGood) console.log(outcome.journal.join('\n'));
    expect({ lost, doubled, storedTwice }).toEqual({ lost: [], doubled: [], storedTwice: [] });
  },
);
