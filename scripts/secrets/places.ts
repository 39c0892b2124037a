import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Something a secret could have been written to, with all it holds. */
export interface Place {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Every file below a folder. A file that goes away while we look (a database's journal) is passed over. */
export function filesBelow(folder: string): Place[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    try {
      return entry.isFile() ? [{ name: path, bytes: readFileSync(path) }] : [];
    } catch {
      return [];
    }
  });
}

/** What other programs of the same user can see of a process: its arguments and, on Linux, its environment. */
export function visibleOf(name: string, pid: number): Place[] {
  if (process.platform !== 'linux') {
    const bytes = execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
    return [{ name: `arguments of ${name}`, bytes }];
  }
  return [
    { name: `arguments of ${name}`, bytes: readFileSync(`/proc/${pid}/cmdline`) },
    { name: `environment of ${name}`, bytes: readFileSync(`/proc/${pid}/environ`) },
  ];
}

/** Where which of the secrets is, as "what in place"; a JSON web token counts whether we know it or not. */
export function findSecrets(
  places: readonly Place[],
  secrets: ReadonlyMap<string, string>,
): string[] {
  return places.flatMap(({ name, bytes }) => {
    const known = [...secrets].filter(([, secret]) => bytes.includes(secret));
    const jwt = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/.test(bytes.toString('latin1'));
    return [...known.map(([what]) => what), ...(jwt ? ['a JSON web token'] : [])].map(
      (what) => `${what} in ${name}`,
    );
  });
}
