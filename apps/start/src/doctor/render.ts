import type { Report, Verdict } from './report.ts';

const marks: Record<Verdict, string> = {
  ok: '✓ ok',
  warning: '! warning',
  failed: '✗ FAILED',
  skipped: '- skipped',
};

/** One line a check; words tell the verdict, not colour. */
export function reportLine({ check, verdict, sentence, ms }: Report): string {
  const took = verdict === 'skipped' || ms < 1 ? '' : ` (${ms.toFixed(0)} ms)`;
  return `${marks[verdict].padEnd(10)} ${check.padEnd(16)} ${sentence}${took}`;
}

/** The last line. */
export function verdictLine(reports: readonly Report[]): string {
  const count = (wanted: Verdict) => reports.filter(({ verdict }) => verdict === wanted).length;
  const bad = count('failed');
  const doubtful = count('warning');
  if (bad > 0) {
    return `${bad} of ${reports.length} checks failed: begin with the first of them.`;
  }
  return doubtful === 0
    ? 'Everything that was looked at is in order.'
    : `Nothing failed; ${doubtful} ${doubtful === 1 ? 'check is' : 'checks are'} worth a look.`;
}
