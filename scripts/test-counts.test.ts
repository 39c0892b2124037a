import { expect, test } from 'vitest';
import { countResults } from './test-counts.mjs';

function suite(name: string, status: string, ...states: string[]) {
  return {
    name,
    status,
    assertionResults: states.map((state, index) => ({
      status: state,
      fullName: `${name} ${index}`,
    })),
  };
}

const good = { exitCode: 0, isCheckGood: true, isCi: false };

test('passed, failed and skipped tests are counted one by one', () => {
  const report = {
    testResults: [suite('a', 'failed', 'passed', 'failed'), suite('b', 'passed', 'pending')],
  };
  expect(countResults({ ...good, exitCode: 1, report })).toEqual({
    passed: 1,
    failed: 1,
    skipped: 1,
    problems: [],
  });
});

test('a file that could not be loaded is a failure of its own', () => {
  const report = { testResults: [suite('a', 'passed', 'passed'), suite('b', 'failed')] };
  expect(countResults({ ...good, exitCode: 1, report })).toMatchObject({ passed: 1, failed: 1 });
});

test('in CI a skipped test is a failure', () => {
  const report = { testResults: [suite('a', 'passed', 'passed', 'pending')] };
  expect(countResults({ ...good, isCi: true, report })).toMatchObject({ failed: 1, skipped: 0 });
});

test('a failed check, an error outside the tests and a missing report are failures', () => {
  const report = { testResults: [suite('a', 'passed', 'passed')] };
  expect(countResults({ ...good, isCheckGood: false, report })).toMatchObject({ failed: 1 });
  expect(countResults({ ...good, exitCode: 1, report })).toMatchObject({ passed: 1, failed: 1 });
  expect(countResults({ ...good, exitCode: 1, report: undefined })).toMatchObject({ failed: 1 });
  expect(
    countResults({ ...good, isCheckGood: false, exitCode: 1, report: undefined }),
  ).toMatchObject({ failed: 2 });
});
