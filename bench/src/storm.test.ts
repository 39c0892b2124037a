import { expect, test } from 'vitest';
import { stormRun } from './storm/storm-run.ts';
import { stormLine } from './storm.ts';

const CLIENTS = 1_000;

for (const [isTls, how] of [
  [false, 'cut'],
  [false, 'killed'],
  [true, 'cut'],
] as const) {
  test(`${CLIENTS} clients, ${how} at once, ${isTls ? 'with' : 'without'} TLS, are all live again; nothing is missed or doubled (R4)`, {
    timeout: 180_000,
  }, async () => {
    const outcome = await stormRun({ clients: CLIENTS, isTls, how, progress: () => {} });
    console.log(stormLine(outcome, CLIENTS));
    const { terminal, tooFew, tooMany } = outcome;
    expect({ terminal, tooFew, tooMany }).toEqual({ terminal: 0, tooFew: 0, tooMany: 0 });
    expect(outcome.recovered + outcome.caughtUp).toBe(CLIENTS);
    expect(outcome.apiP99).toBeLessThan(1_000);
    if (!isTls) expect(outcome.allMs).toBeLessThan(15_000);
  });
}
