import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { needProgram } from '@telex/testkit';
import { createFakeDesktop } from './fake-desktop.ts';

const run = promisify(execFile);

/** A user with a real Chromium on a display, and hands to use it with. */
export interface WindowOnDisplay extends ReturnType<typeof createFakeDesktop> {
  /** Exit codes of Chromium so far. */
  exitCodes(): readonly string[];
  /** Processes that work with one of the dialogs' profiles; by id, the first is the browser's own. */
  processes(): Promise<readonly number[]>;
}

/**
 * A wrapper named `chromium`, first on the path: it adds what a container needs (root can't have the sandbox there, and
 * `--test-type` hides the warning about that) and notes the exit code. The product itself never passes these.
 */
export function createWindowOnDisplay(display: string): WindowOnDisplay {
  const desktop = createFakeDesktop();
  const [bin = ''] = desktop.options.environment.path;
  const codes = join(bin, 'exit-codes');
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    join(bin, 'chromium'),
    `#!/bin/sh
export DISPLAY=${display} HOME="${desktop.home}"
"${needProgram('chromium')}" --no-sandbox --test-type "$@"
code=$?
echo $code >> "${codes}"
exit $code
`,
  );
  chmodSync(join(bin, 'chromium'), 0o700);
  return {
    ...desktop,
    exitCodes: () => (existsSync(codes) ? readFileSync(codes, 'utf8').trim().split('\n') : []),
    async processes() {
      const folder = desktop.options.environment.runtimeDir ?? '';
      const { stdout } = await run('ps', ['-e', '-o', 'pid=,args=', '--sort', 'pid'], {
        maxBuffer: 10_000_000,
      });
      return stdout
        .split('\n')
        .filter((line) => line.includes(`--user-data-dir=${folder}`) && !line.includes('/bin/sh'))
        .map((line) => Number.parseInt(line.trim(), 10));
    },
  };
}
