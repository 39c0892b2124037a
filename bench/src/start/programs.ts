import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A way to run Telex Start, for `launchStart`. */
export interface Program {
  readonly name: string;
  /** What stands after `node`; undefined: the sources. */
  readonly program?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The sources and the bundle, each with a compile cache of its own, which the first start fills. */
export interface Programs {
  readonly sources: Program;
  readonly bundle: Program;
  close(): void;
}

export function preparePrograms(): Programs {
  const folder = mkdtempSync(join(tmpdir(), 'telex-bench-start-'));
  const program = (name: string) => ({
    name,
    env: { NODE_COMPILE_CACHE: join(folder, name), XDG_CACHE_HOME: join(folder, `${name}-cache`) },
  });
  execFileSync(process.execPath, ['scripts/bundle.ts'], { cwd: ROOT, stdio: 'ignore' });
  return {
    sources: program('sources'),
    bundle: {
      ...program('one bundled file'),
      // As the installed launcher starts it.
      program: ['--max-semi-space-size=1', join(ROOT, 'apps', 'start', 'dist', 'telex-start.cjs')],
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Milliseconds from starting Node to the first byte that a script of one line writes. */
export async function bareNodeStartMs(): Promise<number> {
  const from = performance.now();
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("x")'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const ms = performance.now() - from;
  await once(child, 'exit');
  return ms;
}

/** A Node that does nothing until it is ended. */
export function idleNode(): { readonly pid: number; end(): void } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' });
  return { pid: child.pid ?? -1, end: () => void child.kill('SIGKILL') };
}
