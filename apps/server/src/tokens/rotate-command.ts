import type { Settings } from '../config/options.ts';
import { dataFolder, takeTurnToStart } from '../data-folder.ts';
import { StartError } from '../start-error.ts';
import { rotateKeys } from './rotate-keys.ts';
import {
  type KeySet,
  loadSigningKeys,
  newSigningKeys,
  readSigningKeys,
  writeSigningKeys,
} from './signing-keys.ts';

const DROP_OLD = '--drop-old';

/** Takes the command's own flag out of its words; the rest are settings of the server. */
export function readRotateWords(argv: readonly string[]): {
  readonly dropOld: boolean;
  readonly rest: readonly string[];
} {
  const rest = argv.filter((word) => word !== DROP_OLD);
  return { dropOld: rest.length < argv.length, rest };
}

export function rotateHelp(): string {
  return `telex-server rotate-keys: makes new keys for signing tokens

Usage: telex-server rotate-keys [${DROP_OLD}] [settings]

Nobody is signed out: what the old keys have signed counts until it has run out. Give it the settings
that the server is started with (--data, --token-seconds, --session-seconds, --push), then send the
server SIGHUP within an hour, or start it anew.

  ${DROP_OLD}
      The old keys count no more at all, so everyone logs in again: for keys that somebody else
      may have seen.
`;
}

export interface RotateContext {
  readonly settings: Settings;
  readonly dropOld: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: number;
}

/**
 * Puts new keys in the data directory.
 * @returns what to print
 * @throws StartError, DamagedKeysError
 */
export function rotateKeysOf(context: RotateContext): string {
  const { settings, env } = context;
  const dataDir = dataFolder(settings.data, env);
  if (readSigningKeys(dataDir) === undefined) {
    throw new StartError(
      'data_unusable',
      `There is no keys.json in ${dataDir}. The server makes it at its first start; name its data directory with --data.`,
    );
  }
  const turn = takeTurnToStart(dataDir);
  try {
    return told(rotateIn(dataDir, context), dataDir, context);
  } finally {
    turn.release();
  }
}

/** While it has the turn, so that of two at once the second sees what the first has done. */
function rotateIn(dataDir: string, { settings, dropOld, nowMs }: RotateContext): KeySet {
  const rotation = rotateKeys(loadSigningKeys(dataDir), newSigningKeys(), {
    nowMs,
    tokenLifeS: settings['token-seconds'],
    sessionLifeS: settings['session-seconds'],
    dropOld,
  });
  if (!rotation.ok) {
    throw new StartError(
      'too_soon',
      `Tokens of the keys before the present ones are still about. Try again after ${timeOf(rotation.notBeforeMs)}, or give ${DROP_OLD} to sign everyone out.`,
    );
  }
  writeSigningKeys(dataDir, rotation.set);
  return rotation.set;
}

function told({ previous }: KeySet, dataDir: string, { settings, dropOld }: RotateContext): string {
  const [old] = previous;
  const ends =
    old === undefined
      ? 'What the old ones have signed counts no more.'
      : `What the old ones have signed counts until ${timeOf(old.tokensUntilMs)}, refresh tokens until ${timeOf(old.refreshUntilMs)}.`;
  return `New keys are in ${dataDir}/keys.json. ${ends}\n${nextSteps(settings, dropOld)}\n`;
}

function nextSteps({ push }: Settings, dropOld: boolean): string {
  const server = dropOld
    ? 'Start every server of this data directory anew, which ends all connections.'
    : 'Send every server of this data directory SIGHUP within an hour, or start it anew.';
  return push === 'centrifugo'
    ? `First write Centrifugo's configuration again (telex-server centrifugo-config) and send every Centrifugo SIGHUP. ${server}`
    : server;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
