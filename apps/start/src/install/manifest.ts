import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { parse, parseJson } from '@telex/contract';
import * as v from 'valibot';
import { StartError, systemCode } from '../errors.ts';

/** What an installation has written, so that exactly this can be taken away. */
export interface Manifest {
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  /** Folders that were not there before. */
  readonly folders: readonly string[];
}

const absolute = v.pipe(
  v.string(),
  v.check((path) => isAbsolute(path), 'must be absolute'),
);
const schema = v.object({
  files: v.array(
    v.object({ path: absolute, sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) }),
  ),
  folders: v.array(absolute),
});

/** Undefined where nothing is installed. Throws `StartError` where it can't be told. */
export function readManifest(file: string): Manifest | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw unreadable(file, systemCode(error) ?? 'unknown fault');
  }
  const json = parseJson(text);
  const parsed = parse(schema, json.ok ? json.value : undefined);
  if (!parsed.ok) throw unreadable(file, 'it does not hold what telex-start install wrote');
  return parsed.value;
}

export function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** `absent`; `foreign`: a folder, a link or something that can't be read; else the hash. */
export function stateOf(path: string): 'absent' | 'foreign' | { readonly sha256: string } {
  try {
    if (!lstatSync(path).isFile()) return 'foreign';
    return { sha256: hashOf(readFileSync(path)) };
  } catch (error) {
    // A file where a folder should be is found when the folder is made.
    return ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '') ? 'absent' : 'foreign';
  }
}

function unreadable(file: string, why: string): StartError {
  return new StartError(
    'bad_config',
    `The list of installed files, ${file}, cannot be used: ${why}. Remove it, and what it stands for by hand: docs/telex-start.md names the places.`,
  );
}
