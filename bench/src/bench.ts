import type { Report } from './report.ts';

export interface BenchOptions {
  /** What stands after the bench's name, for a bench with options of its own: `npm run bench -- kill --moments 25`. */
  readonly args: readonly string[];
}

/** What each bench module exports. It measures real parts, puts each figure into the report and leaves no process behind. */
export interface Bench {
  run(report: Report, options: BenchOptions): Promise<void>;
}
