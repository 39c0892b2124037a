import type { Examination, Report } from './report.ts';

/** Runs all side by side; the reports are told in the order of the examinations, each as soon as that order allows. */
export async function examine(
  examinations: readonly Examination[],
  tell: (report: Report) => void,
): Promise<void> {
  const running = examinations.map((examination) => {
    const held: Report[] = [];
    let pass: ((report: Report) => void) | undefined;
    const done = examination((report) => {
      if (pass === undefined) held.push(report);
      else pass(report);
    });
    // Looked at in turn below; until then its failure is nobody's.
    done.catch(() => {});
    const release = () => {
      pass = tell;
      for (const report of held.splice(0)) tell(report);
    };
    return { done, release };
  });
  for (const { done, release } of running) {
    release();
    await done;
  }
}
