import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../errors.ts';

const BUILD_LIMIT_MS = 60_000;

/**
 * The program as one file: this one where it is bundled, else built from the sources that run.
 *
 * @param running the file that Node was started with
 */
export function bundleFile(running: string): string {
  if (!running.endsWith('.ts')) return readFileSync(running, 'utf8');
  const root = join(running, '..', '..', '..', '..');
  try {
    execFileSync(process.execPath, [join(root, 'scripts', 'bundle.ts')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: BUILD_LIMIT_MS,
    });
  } catch (error) {
    throw new StartError(
      'internal',
      `The program could not be built into one file. In the Telex folder run: npm ci --ignore-scripts && npm run build`,
      error,
    );
  }
  return readFileSync(join(root, 'apps', 'start', 'dist', 'telex-start.cjs'), 'utf8');
}
