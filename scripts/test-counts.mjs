/**
 * Sums up a run for the last line of `npm test`.
 *
 * @param {object} run
 * @param {{testResults: {name: string, status: string, assertionResults: {status: string, fullName: string}[]}[]} | undefined} run.report
 *   what vitest's JSON reporter wrote, undefined when it wrote nothing
 * @param {number} run.exitCode vitest's own verdict, which also knows unhandled errors
 * @param {boolean} run.isCheckGood
 * @param {boolean} run.isCi
 * @returns {{passed: number, failed: number, skipped: number, problems: string[]}} each problem is one more failure
 *   than the failed tests themselves
 */
export function countResults({ report, exitCode, isCheckGood, isCi }) {
  const suites = report?.testResults ?? [];
  const tests = suites.flatMap((suite) => suite.assertionResults);
  const count = (...states) => tests.filter((test) => states.includes(test.status)).length;
  const skipped = tests.filter((test) => !['passed', 'failed'].includes(test.status));
  const problems = suites
    .filter((suite) => suite.status === 'failed' && !suite.assertionResults.some(isFailed))
    .map((suite) => `${suite.name} could not run`);
  if (!isCheckGood) problems.push('the check failed, as shown at the top');
  if (isCi)
    problems.push(...skipped.map((test) => `skipped, which CI does not allow: ${test.fullName}`));
  const failed = count('failed') + problems.length;
  if (exitCode !== 0 && failed === (isCheckGood ? 0 : 1)) {
    problems.push('vitest reported an error outside the tests, as shown above');
  }
  return {
    passed: count('passed'),
    failed: count('failed') + problems.length,
    skipped: isCi ? 0 : skipped.length,
    problems,
  };
}

function isFailed(test) {
  return test.status === 'failed';
}
