import type { BenchOptions } from './bench.ts';
import { numberOption } from './bench-arguments.ts';
import { needDescriptors } from './descriptors.ts';
import type { Report } from './report.ts';
import { type SlowRound, slowRounds } from './slow/slow-rounds.ts';
import { significant } from './stats.ts';

const ROUNDS = 5;
const QUIET_SECONDS = 30;
const SLOW_SECONDS = 60;

const mbOf = (round: SlowRound | undefined): number => round?.slowMb ?? Number.NaN;

/** H8: what everyone else notices of readers that are too slow, and what they cost. */
export async function run(report: Report, { args }: BenchOptions): Promise<void> {
  const connections = numberOption(args, '--connections', 10_000);
  needDescriptors(connections);
  const minutes = (ROUNDS * (QUIET_SECONDS + SLOW_SECONDS)) / 60;
  report.note(`${ROUNDS} rounds with and without slow readers in turn, ${minutes} minutes`);
  const outcome = await slowRounds({
    connections,
    rounds: ROUNDS,
    quietSeconds: QUIET_SECONDS,
    slowSeconds: SLOW_SECONDS,
    perSecond: 2,
    progress: (line) => report.note(line),
  });
  const { slow, rounds, ratio, quietP99, slowP99 } = outcome;
  const load = `${connections} connections, ${slow} of them slow for ${(ROUNDS * SLOW_SECONDS) / 60} minutes`;
  const sum = (of: readonly number[]) => of.reduce((total, one) => total + one, 0);
  report.figure({
    id: 'H8',
    what: `p99 of the others, with slow readers ÷ without, ${load}`,
    value: significant(ratio),
    unit: '×',
    goal: { kind: 'at-most', value: 2 },
    peer: {
      without: `${significant(quietP99)} ms`,
      with: `${significant(slowP99)} ms`,
    },
  });
  report.figure({
    id: 'H8',
    what: 'the same: memory at most in the last round ÷ in the middle one',
    value: significant(mbOf(rounds.at(-1)) / mbOf(rounds[Math.floor(rounds.length / 2)])),
    unit: '×',
    goal: { kind: 'at-most', value: 1.1 },
    peer: {
      'first round, without and with slow readers': `${significant(rounds[0]?.quietMb ?? Number.NaN)} and ${significant(mbOf(rounds[0]))} MB`,
      'last round': `${significant(mbOf(rounds.at(-1)))} MB`,
    },
  });
  report.figure({
    id: 'H8',
    what: 'the same: large messages that quick readers beside the slow ones did not get',
    value: sum(rounds.map(({ missing }) => missing)),
    unit: '',
    goal: { kind: 'exactly', value: 0 },
  });
  report.figure({
    id: 'H8',
    what: 'the same: slow readers closed 3008, again and again as they come back',
    value: sum(rounds.map(({ closedSlow }) => closedSlow)),
    unit: '',
    goal: { kind: 'at-least', value: slow },
  });
}
