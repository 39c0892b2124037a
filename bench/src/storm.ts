import type { BenchOptions } from './bench.ts';
import { numberOption } from './bench-arguments.ts';
import { needDescriptors } from './descriptors.ts';
import type { Goal, Report } from './report.ts';
import { significant } from './stats.ts';
import { type StormOptions, type StormOutcome, stormRun } from './storm/storm-run.ts';

const info: Goal = { kind: 'info', text: '' };

/** R4: everyone is cut at once and comes back to the real server, as clients do. */
export async function run(report: Report, { args }: BenchOptions): Promise<void> {
  const clients = numberOption(args, '--clients', 10_000);
  needDescriptors(clients);
  await one(report, { clients, isTls: false, how: 'cut' }, 'cut at once, no TLS');
  await one(
    report,
    { clients, isTls: false, how: 'killed' },
    'server killed and started again, no TLS',
  );
  await one(report, { clients, isTls: true, how: 'cut' }, 'cut at once, TLS');
}

async function one(
  report: Report,
  options: Omit<StormOptions, 'progress'>,
  name: string,
): Promise<void> {
  const { clients, isTls } = options;
  const outcome = await stormRun({
    ...options,
    progress: (line) => report.note(`${name}: ${line}`),
  });
  report.note(`${name}: ${stormLine(outcome, clients)}`);
  const load = `${clients} clients, ${name}`;
  const figure = (what: string, value: number, unit: string, goal: Goal) =>
    report.figure({ id: 'R4', what: `${what}, ${load}`, value: significant(value), unit, goal });
  const none: Goal = { kind: 'exactly', value: 0 };
  figure(
    'all live again',
    outcome.allMs / 1_000,
    's',
    isTls ? info : { kind: 'at-most', value: 15 },
  );
  figure('terminal close codes', outcome.terminal, '', none);
  figure(
    'clients that missed a message or had one twice',
    outcome.tooFew + outcome.tooMany,
    '',
    none,
  );
  figure(
    'p99 of API requests meanwhile',
    outcome.apiP99,
    'ms',
    isTls ? info : { kind: 'at-most', value: 1_000 },
  );
}

/** What a run was like, for the reader. */
export function stormLine(outcome: StormOutcome, clients: number): string {
  const { allMs, halfMs, dials, renewals, recovered, caughtUp, closes, errors } = outcome;
  const { cpuMicros, serverMicros, apiCalls, failedCalls } = outcome;
  const share = (cpuMicros / (cpuMicros + serverMicros)) * 100;
  return [
    `half live after ${(halfMs / 1_000).toFixed(1)} s, all after ${(allMs / 1_000).toFixed(1)} s`,
    `${dials} dials, ${recovered} recovered, ${caughtUp} caught up, ${renewals} renewed tokens`,
    `closes ${JSON.stringify(closes)}, errors ${JSON.stringify(errors)}`,
    `server ${(serverMicros / clients).toFixed(0)} µs a client, the clients themselves ${share.toFixed(0)} % of the CPU`,
    `${apiCalls} API requests answered, ${failedCalls} not`,
  ].join('; ');
}
