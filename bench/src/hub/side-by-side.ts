import { median } from '../stats.ts';
import type { PushTarget } from './push-target.ts';
import type { Sample, Scenario } from './scenarios.ts';

/** What each target measured, run by run. */
export type Samples = ReadonlyMap<PushTarget, readonly Sample[]>;

/** Runs a scenario on every target, run by run, each time another one first: a machine's speed drifts. */
export async function sideBySide(
  scenario: Scenario,
  targets: readonly PushTarget[],
  runs: number,
  note: (line: string) => void,
): Promise<Samples> {
  const samples = new Map<PushTarget, Sample[]>(targets.map((target) => [target, []]));
  for (let run = 0; run < runs; run += 1) {
    for (let turn = 0; turn < targets.length; turn += 1) {
      const target = targets[(turn + run) % targets.length];
      if (target === undefined) continue;
      const sample = await scenario.run(target);
      samples.get(target)?.push(sample);
      const values = Object.entries(sample).map(([name, value]) => `${name} ${value.toFixed(1)}`);
      note(`${scenario.name}, ${target.name}, run ${run + 1} of ${runs}: ${values.join(', ')}`);
    }
  }
  return samples;
}

export function middleOf(samples: readonly Sample[], metric: string): number {
  return median(samples.map((sample) => sample[metric] ?? Number.NaN));
}

/** The median of the ratios run by run, which holds although runs differ. */
export function ratioOf(of: readonly Sample[], to: readonly Sample[], metric: string): number {
  return median(
    of.map((sample, run) => (sample[metric] ?? Number.NaN) / (to[run]?.[metric] ?? Number.NaN)),
  );
}
