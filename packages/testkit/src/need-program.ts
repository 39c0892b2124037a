import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian packages of programs that are not called so. */
const packages: Readonly<Record<string, string>> = {
  Xvfb: 'xvfb',
  xwininfo: 'x11-utils',
  import: 'imagemagick',
};

/** Where a program is. Throws a sentence that says what to install. */
export function needProgram(name: string): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, name)).find(canRun);
  if (found === undefined)
    throw new Error(`${name} is missing: apt-get install ${packages[name] ?? name}`);
  return found;
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
