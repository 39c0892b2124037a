import { join } from 'node:path';
import { helpOf } from '../../config/help.ts';
import type { Settings } from '../../config/options.ts';
import { type Reader, readText, readUrl } from '../../config/readers.ts';
import { dataFolder, takeTurnToStart } from '../../data-folder.ts';
import { readIfThere, writePrivateFile } from '../../private-file.ts';
import { StartError, systemCode } from '../../start-error.ts';
import { loadSigningKeys } from '../../tokens/signing-keys.ts';
import { readOrMakeApiKey } from './api-key.ts';
import { centrifugoConfig } from './centrifugo-config.ts';

interface CommandOption {
  readonly argument: string;
  readonly help: string;
  readonly read: Reader<string>;
}

/** What the command takes besides the server's settings. */
const commandOptions = {
  redis: {
    argument: 'URL',
    help: 'Keep history in this Redis, as several Centrifugos together need. Default: in memory.',
    read: readUrl(['redis:', 'rediss:'], 'redis://127.0.0.1:6379, without a password'),
  },
  'redis-password-file': {
    argument: 'FILE',
    help: 'File with the password of that Redis.',
    read: readText,
  },
  out: {
    argument: 'FILE',
    help: 'Where it is written (only its owner may read it); - for standard output. Default: centrifugo.json in the data directory.',
    read: readText,
  },
} as const satisfies Record<string, CommandOption>;
type CommandOptionName = keyof typeof commandOptions;

export type CommandWords =
  | {
      readonly ok: true;
      readonly given: Readonly<Partial<Record<CommandOptionName, string>>>;
      /** Settings of the server. */
      readonly rest: readonly string[];
    }
  | { readonly ok: false; readonly faults: readonly string[] };

/** Takes the command's own flags out of its words. */
export function readCommandWords(argv: readonly string[]): CommandWords {
  const given: Partial<Record<CommandOptionName, string>> = {};
  const faults: string[] = [];
  const rest: string[] = [];
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [, flag, inline] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (!isCommandOption(flag)) {
      rest.push(word);
      continue;
    }
    const row = commandOptions[flag];
    const input = inline ?? words.shift();
    if (input === undefined) faults.push(`--${flag} needs a value: --${flag} ${row.argument}.`);
    const read = row.read(input);
    if (read.ok) given[flag] = read.value;
    else if (input !== undefined) faults.push(`--${flag} must be ${read.expected}.`);
  }
  if (given['redis-password-file'] !== undefined && given.redis === undefined) {
    faults.push('--redis-password-file is for --redis URL: give both.');
  }
  return faults.length === 0 ? { ok: true, given, rest } : { ok: false, faults };
}

export function commandHelp(): string {
  return `telex-server centrifugo-config: writes a configuration of Centrifugo v6 that fits this server

Usage: telex-server centrifugo-config [--redis URL] [--out FILE] [settings]

It has the keys of the data directory (made where there are none), history, limits and addresses.
Give it the settings that the server is started with; --help of telex-server lists them. Start
Centrifugo with it: centrifugo --config FILE

${helpOf(commandOptions)}
`;
}

export interface CommandContext {
  readonly settings: Settings;
  readonly given: Readonly<Partial<Record<CommandOptionName, string>>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: number;
}

/**
 * Makes the configuration and writes it, as a whole or not at all.
 * @returns what to print
 * @throws StartError
 */
export function writeCentrifugoConfig({ settings, given, env, nowMs }: CommandContext): string {
  const dataDir = dataFolder(settings.data, env);
  const out = given.out ?? join(dataDir, 'centrifugo.json');
  // Servers that start now would make keys of their own.
  const turn = takeTurnToStart(dataDir);
  const { current, previous } = loadSigningKeys(dataDir);
  turn.release();
  const old = previous.find(({ tokensUntilMs }) => tokensUntilMs > nowMs);
  const password = given['redis-password-file'];
  const config = centrifugoConfig({
    settings,
    secrets: current,
    ...(old === undefined
      ? {}
      : {
          previousSecrets: {
            ...old.keys,
            validUntilS: Math.floor(old.tokensUntilMs / 1000),
          },
        }),
    apiKey: readOrMakeApiKey({ file: settings['centrifugo-api-key-file'], dataDir }),
    ...(given.redis === undefined
      ? {}
      : {
          redis: {
            address: given.redis,
            ...(password === undefined ? {} : { password: readPassword(password) }),
          },
        }),
  });
  const text = `${JSON.stringify(config, null, 2)}\n`;
  if (out === '-') return text;
  try {
    writePrivateFile(out, text);
  } catch (error) {
    const reason = systemCode(error) ?? 'unknown';
    throw new StartError(
      'push_unusable',
      `${out} cannot be written (${reason}). Choose another place with --out.`,
      { cause: error },
    );
  }
  return `Written to ${out}. Start Centrifugo with: centrifugo --config ${out}\n`;
}

function isCommandOption(flag: string | undefined): flag is CommandOptionName {
  return flag !== undefined && Object.hasOwn(commandOptions, flag);
}

function readPassword(file: string): string {
  let text: string | undefined;
  try {
    text = readIfThere(file);
  } catch (error) {
    throw badPassword(file, systemCode(error) ?? 'unknown', error);
  }
  if (text === undefined) throw badPassword(file, 'there is no such file');
  return text.replace(/\r?\n$/, '');
}

function badPassword(file: string, reason: string, cause?: unknown): StartError {
  return new StartError(
    'push_unusable',
    `${file}, of --redis-password-file, cannot be read (${reason}).`,
    { cause },
  );
}
