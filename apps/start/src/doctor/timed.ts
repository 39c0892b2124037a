import { type Finding, failed, type Report } from './report.ts';

/**
 * Runs one check, which is given a signal that ends with its time limit. A check that takes longer, or throws, has failed:
 * nothing a doctor looks at may hang it or end it.
 */
export async function timed(
  check: string,
  limitMs: number,
  run: (signal: AbortSignal) => Promise<Finding>,
): Promise<Report> {
  const from = performance.now();
  const signal = AbortSignal.timeout(limitMs);
  const late = Promise.withResolvers<Finding>();
  signal.addEventListener('abort', () =>
    late.resolve(failed(`No answer within ${Math.round(limitMs / 1000)} s.`)),
  );
  const finding = await Promise.race([run(signal), late.promise]).catch((error: unknown) =>
    failed(`It could not be looked at (${nameOf(error)}).`),
  );
  return { check, ...finding, ms: performance.now() - from };
}

/** The code of an error, never its text: that may repeat what it was about. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown fault';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
