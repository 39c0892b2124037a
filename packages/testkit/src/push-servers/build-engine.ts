import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SOURCES = fileURLToPath(new URL('../../engine', import.meta.url));
const BUILT = fileURLToPath(
  new URL('../../../../node_modules/.cache/telex-engine', import.meta.url),
);
const BUILD_LIMIT_MS = 300_000;

/**
 * Builds the reference server of `packages/testkit/engine` unless these sources have been built before, and says where the program
 * is. From an empty cache that takes 35 s of two cores. Rejects with what to install where there is no Go.
 */
export async function buildEngine(): Promise<string> {
  const hash = hashOfSources();
  const program = join(BUILT, `engine-${hash}`);
  if (existsSync(program)) return program;
  mkdirSync(BUILT, { recursive: true });
  // Of several at once the last one wins, with the same bytes.
  const unfinished = `${program}.${process.pid}`;
  try {
    await goBuild(unfinished);
    renameSync(unfinished, program);
  } finally {
    rmSync(unfinished, { force: true });
  }
  for (const other of globSync('engine-*', { cwd: BUILT })) {
    if (!other.startsWith(`engine-${hash}`)) rmSync(join(BUILT, other), { force: true });
  }
  return program;
}

async function goBuild(output: string): Promise<void> {
  const args = ['build', '-mod=readonly', '-trimpath', '-buildvcs=false', '-o', output, '.'];
  try {
    await promisify(execFile)('go', args, { cwd: SOURCES, timeout: BUILD_LIMIT_MS });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { readonly stderr?: string };
    if (code === 'ENOENT') {
      throw new Error(
        "go is missing: install Go 1.24 or newer from https://go.dev/dl (Debian's golang-go may be older)",
      );
    }
    throw new Error(`go build of packages/testkit/engine failed:\n${stderr ?? String(error)}`);
  }
}

function hashOfSources(): string {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`);
  const sources = globSync(['*.go', 'go.mod', 'go.sum'], { cwd: SOURCES }).sort();
  for (const name of sources) hash.update(name).update(readFileSync(join(SOURCES, name)));
  return hash.digest('hex').slice(0, 16);
}
