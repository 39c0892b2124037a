import { accessSync, constants, realpathSync } from 'node:fs';

/** The file behind all links where it can be run; undefined where there is none. */
export function resolveProgram(file: string): string | undefined {
  try {
    accessSync(file, constants.X_OK);
    return realpathSync(file);
  } catch {
    return undefined;
  }
}
