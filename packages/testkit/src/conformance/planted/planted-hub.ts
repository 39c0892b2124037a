import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPushServer } from '../../push-servers/push-server.ts';
import type { ConformanceTarget } from '../target.ts';
import { hubTarget } from '../targets.ts';

/** An edit of the hub's source that breaks one of its rules. */
export interface Fault {
  /** From the root of the project. */
  readonly file: string;
  /** Text that stands exactly once in the file. */
  readonly text: string;
  readonly replacement: string;
}

export interface PlantedHub {
  /** The hub as it is in the copy. */
  readonly target: ConformanceTarget;
  /** Removes the copy. Idempotent. */
  close(): void;
}

const ROOT = fileURLToPath(new URL('../../../../..', import.meta.url));
const COPIED = ['packages/hub', 'apps/hub'] as const;

/** Copies what the standalone hub is made of to a folder of its own, with the fault where one is given. */
export function plantHub(name: string, fault?: Fault): PlantedHub {
  const folder = mkdtempSync(join(tmpdir(), 'telex-planted-'));
  const close = () => rmSync(folder, { recursive: true, force: true });
  try {
    for (const part of COPIED) {
      cpSync(join(ROOT, part), join(folder, part), {
        recursive: true,
        filter: (path) => !path.includes('node_modules') && !path.endsWith('.test.ts'),
      });
    }
    linkDependencies(folder);
    if (fault !== undefined) plant(folder, fault);
  } catch (error) {
    close();
    throw error;
  }
  const command = [process.execPath, join(folder, 'apps/hub/src/main.mjs')] as const;
  return {
    target: {
      ...hubTarget,
      name,
      start: (config) => startPushServer({ command: [...command], config }),
    },
    close,
  };
}

/** What is copied is found as a package of its name; everything else is the project's own. */
function linkDependencies(folder: string): void {
  const copied = new Map(COPIED.map((part) => [manifestOf(part).name, part]));
  const wanted = new Set(
    COPIED.flatMap((part) => [part, ...Object.keys(manifestOf(part).dependencies ?? {})]),
  );
  for (const part of COPIED) wanted.delete(part);
  for (const name of wanted) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    const part = copied.get(name);
    symlinkSync(part === undefined ? join(ROOT, 'node_modules', name) : join(folder, part), link);
  }
}

function manifestOf(part: string): { name: string; dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(join(ROOT, part, 'package.json'), 'utf8'));
}

function plant(folder: string, { file, text, replacement }: Fault): void {
  const path = join(folder, file);
  if (!existsSync(path)) throw new Error(`the fault's file is gone: ${file}`);
  const source = readFileSync(path, 'utf8');
  const parts = source.split(text);
  if (parts.length !== 2) {
    throw new Error(`the fault's text stands ${parts.length - 1} times in ${file}:\n${text}`);
  }
  writeFileSync(path, parts.join(replacement));
}
