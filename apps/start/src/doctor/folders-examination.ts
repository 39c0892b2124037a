import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkFolder, type Endpoint } from '../control/endpoint.ts';
import type { Environment } from '../environment.ts';
import { StartError, systemCode } from '../errors.ts';
import { type Examination, type Finding, failed, ok } from './report.ts';

/** The folders Telex Start keeps things in: the control socket's and that of the marks. Nothing is written. */
export function examineFolders(
  environment: Environment,
  endpoint: () => Endpoint,
  stateDir: string,
): Examination {
  return async (tell) => {
    tell({ check: 'control folder', ...controlFinding(environment, endpoint), ms: 0 });
    tell({ check: 'state folder', ...stateFinding(stateDir), ms: 0 });
  };
}

function controlFinding(environment: Environment, endpoint: () => Endpoint): Finding {
  try {
    const { folder } = endpoint();
    if (folder === undefined) return ok('Commands go over a pipe of this user.');
    checkFolder(folder, environment);
    return ok(`${folder} is open to you alone.`);
  } catch (error) {
    if (error instanceof StartError) return failed(error.message);
    throw error;
  }
}

function stateFinding(stateDir: string): Finding {
  // Not made before the first start: then its first parent that is there decides.
  let folder = stateDir;
  while (statSync(folder, { throwIfNoEntry: false }) === undefined && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return ok(`${stateDir} can be written to.`);
  } catch (error) {
    return failed(
      `${stateDir} cannot be written to (${systemCode(error) ?? 'unknown fault'}): after a crash some notifications may be shown again. Make it yours, or choose another with --state.`,
    );
  }
}
