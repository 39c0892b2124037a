import { chooseSeed } from '@telex/testkit';
import type { BenchOptions } from './bench.ts';
import { killRounds } from './kill-rounds.ts';
import type { Report } from './report.ts';

const MOMENTS = 100;

/** R1: the server killed under load; `--moments N` kills it another number of times. */
export async function run(report: Report, { args }: BenchOptions): Promise<void> {
  const given = args.indexOf('--moments');
  const moments = given < 0 ? MOMENTS : Number(args[given + 1]);
  const seed = chooseSeed();
  report.note(`seed ${seed}: TELEX_SEED=${seed} repeats the moments`);
  const outcome = await killRounds({ moments, seed, progress: (line) => report.note(line) });
  const load = `${moments} kill -9 of the server, ${outcome.accepted} messages accepted`;
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
