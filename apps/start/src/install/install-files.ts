import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StartError, systemCode } from '../errors.ts';
import { hashOf, type Manifest, stateOf } from './manifest.ts';

export interface InstallFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode?: number;
}

/**
 * Writes the files, and gives what the manifest must hold. A file that is there and is not ours as we left it is never replaced:
 * throws `StartError` that names it, before anything is written.
 */
export function installFiles(
  files: readonly InstallFile[],
  before: Manifest | undefined,
): { readonly manifest: Manifest; readonly written: readonly string[] } {
  const ours = new Map(before?.files.map(({ path, sha256 }) => [path, sha256]));
  const wanted = files.map((file) => ({ ...file, sha256: hashOf(file.content) }));
  const states = new Map(wanted.map(({ path }) => [path, stateOf(path)]));
  const isTaken = ({ path, sha256 }: { path: string; sha256: string }) => {
    const state = states.get(path);
    if (state === 'absent' || state === undefined) return false;
    return state === 'foreign' || (state.sha256 !== sha256 && state.sha256 !== ours.get(path));
  };
  const taken = wanted.filter(isTaken).map(({ path }) => path);
  if (taken.length > 0) {
    throw new StartError(
      'not_ours',
      `Nothing was installed: ${taken.join(', ')} ${taken.length === 1 ? 'is' : 'are'} there already and not as telex-start install wrote it. Move it away and install again.`,
    );
  }
  const folders = new Set(before?.folders);
  const written: string[] = [];
  for (const { path, content, mode = 0o644, sha256 } of wanted) {
    const state = states.get(path);
    if (typeof state === 'object' && state.sha256 === sha256) continue;
    for (const made of writeFile(path, content, mode)) folders.add(made);
    written.push(path);
  }
  return {
    manifest: {
      files: wanted.map(({ path, sha256 }) => ({ path, sha256 })),
      folders: [...folders],
    },
    written,
  };
}

/** Removes what is as it was written. What was changed since, or is no plain file any more, stays. */
export function removeFiles({ files, folders }: Manifest): {
  readonly removed: readonly string[];
  readonly kept: readonly string[];
} {
  const removed: string[] = [];
  const kept: string[] = [];
  for (const { path, sha256 } of files) {
    const state = stateOf(path);
    if (state === 'absent') continue;
    if (state === 'foreign' || state.sha256 !== sha256) {
      kept.push(path);
      continue;
    }
    rmSync(path);
    removed.push(path);
  }
  removeEmpty(folders);
  return { removed, kept };
}

/** The deepest first; one that holds something stays. */
export function removeEmpty(folders: readonly string[]): void {
  for (const folder of [...folders].sort((a, b) => b.length - a.length)) {
    try {
      rmdirSync(folder);
    } catch {
      // Somebody has put something there, or it has gone.
    }
  }
}

/** Gives the folders that were made for it. The file is there as a whole or not at all. */
export function writeFile(path: string, content: string | Uint8Array, mode: number): string[] {
  try {
    const made = missingFolders(dirname(path));
    mkdirSync(dirname(path), { recursive: true });
    const unfinished = `${path}.new`;
    rmSync(unfinished, { force: true });
    writeFileSync(unfinished, content, { mode, flag: 'wx' });
    renameSync(unfinished, path);
    return made;
  } catch (error) {
    throw new StartError(
      'unusable_folder',
      `${path} cannot be written (${systemCode(error) ?? 'unknown fault'}). Make the folder writable and install again.`,
    );
  }
}

function missingFolders(folder: string): string[] {
  const missing: string[] = [];
  for (let each = folder; !existsSync(each); each = dirname(each)) missing.push(each);
  return missing;
}
