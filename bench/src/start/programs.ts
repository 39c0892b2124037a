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
  /** Undefined: the sources. */
  readonly command?: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
}

/** The sources, and the bundle as `telex-start install` puts it into a home folder. */
export interface Programs {
  readonly sources: Program;
  readonly installed: Program;
  close(): void;
}

export function preparePrograms(): Programs {
  const home = mkdtempSync(join(tmpdir(), 'telex-bench-start-'));
  const cache = join(home, '.cache');
  const env = { HOME: home, XDG_CACHE_HOME: cache, XDG_DATA_HOME: join(home, '.local', 'share') };
  execFileSync(process.execPath, ['apps/start/src/main.ts', 'install'], {
    ...{ cwd: ROOT, stdio: 'ignore' },
    env: { ...process.env, ...env },
  });
  return {
    sources: { name: 'sources', env: { ...env, NODE_COMPILE_CACHE: join(cache, 'sources') } },
    installed: {
      name: 'installed launcher and bundle',
      command: [join(home, '.local', 'bin', 'telex-start')],
      env,
    },
    close: () => rmSync(home, { recursive: true, force: true }),
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
