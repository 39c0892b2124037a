// `npm test`: the check, then every test, then one plain line with the counts. `npm test -- packages/hub` runs a part.
// With CI=true nothing may be left out: a test that was skipped counts as failed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countResults } from './test-counts.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'telex-test-'));
const reportFile = join(scratch, 'vitest.json');

const engine = join(root, 'packages', 'testkit', 'src', 'push-servers', 'prebuild-engine.ts');

const checked = node([join(root, 'scripts', 'check.mjs')]);
// From an empty cache it takes half a minute, which no test is to wait for. A failure is told by the tests that need it.
node([engine]);
const tested = node([
  join(root, 'node_modules', 'vitest', 'vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${reportFile}`,
  ...process.argv.slice(2),
]);
const counts = countResults({
  report: readReport(),
  exitCode: tested,
  isCheckGood: checked === 0,
  isCi: process.env.CI === 'true' || process.env.CI === '1',
});
rmSync(scratch, { recursive: true, force: true });

for (const problem of counts.problems) console.error(problem);
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed === 0 ? 0 : 1;

function node(args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
}

function readReport() {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    return undefined;
  }
}
