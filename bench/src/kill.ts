import { parseArgs } from 'node:util';
import { chooseSeed, readPushKind } from '@telex/testkit';
import type { BenchOptions } from './bench.ts';
import { killRounds } from './kill-rounds.ts';
import type { Report } from './report.ts';

const MOMENTS = 100;

/** R1: the parts killed under load; `--moments N` kills another number of times, `--push KIND` has another push server. */
export async function run(report: Report, { args }: BenchOptions): Promise<void> {
  const { moments, push } = readArguments(args);
  const seed = chooseSeed();
  report.note(`seed ${seed}: TELEX_SEED=${seed} repeats the moments`);
  const outcome = await killRounds({ moments, seed, push, progress: (line) => report.note(line) });
  const load = `${moments} kill -9 of ${push === 'hub' ? 'the server' : `server and ${push}`}, ${outcome.accepted} messages accepted`;
  const none = { kind: 'exactly', value: 0 } as const;
  const row = (what: string, found: readonly string[]) =>
    report.figure({
      id: 'R1',
      what: `${what}, ${load}`,
      value: found.length,
      unit: '',
      goal: none,
    });
  const isGood = outcome.lost.length + outcome.doubled.length + outcome.storedTwice.length === 0;
  if (!isGood) for (const line of outcome.journal) report.note(line);
  row('lost', outcome.lost);
  row('received twice', outcome.doubled);
  row('stored twice', outcome.storedTwice);
}

function readArguments(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      moments: { type: 'string', default: String(MOMENTS) },
      push: { type: 'string', default: 'hub' },
    },
  });
  return { moments: Number(values.moments), push: readPushKind(values.push) };
}
