import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildEngine } from './build-engine.ts';
import type { PushServerOptions } from './push-server.ts';

type Command = PushServerOptions['command'];

const HUB = fileURLToPath(new URL('../../../../apps/hub/src/main.mjs', import.meta.url));

/** Our hub, alone in a process. */
export const hubCommand: Command = [process.execPath, HUB];

/** The reference server on Centrifugo's engine; the first build of its sources takes 35 s. */
export async function engineCommand(): Promise<Command> {
  return [await buildEngine()];
}

/** The real Centrifugo: what CENTRIFUGO_BIN names, else the one on the PATH, else undefined. */
export function centrifugoCommand(env: NodeJS.ProcessEnv = process.env): Command | undefined {
  const { CENTRIFUGO_BIN: named = '', PATH = '' } = env;
  if (named !== '') {
    if (!canRun(named)) throw new Error(`CENTRIFUGO_BIN is no program: ${named}`);
    return [named];
  }
  const found = PATH.split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'centrifugo'))
    .find(canRun);
  return found === undefined ? undefined : [found];
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
