import { parseJson } from '@telex/contract';
import {
  envName,
  type Option,
  type OptionName,
  optionNames,
  options,
  type Settings,
} from './options.ts';

/** Where settings come from. Reading never throws; all faults are returned together. */
export interface Sources {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file, or why it cannot be read. */
  readonly readFile: (path: string) => { ok: true; text: string } | { ok: false; reason: string };
}

export type SettingsRead =
  | { readonly ok: true; readonly settings: Settings }
  | {
      readonly ok: false;
      /** Sentences that name the setting and what to do. */
      readonly faults: readonly string[];
    };

interface Given {
  readonly input: unknown;
  /** As the user wrote it: `--port`, `TELEX_PORT`, `port in telex.json`. */
  readonly where: string;
}
const RATES = ['rate-anonymous', 'rate-user', 'rate-webhook'] as const;
const CENTRIFUGO_ONLY = [
  'centrifugo-api',
  'centrifugo-api-key-file',
  'centrifugo-socket',
  'centrifugo-url',
] as const;
const NO_LIMIT = { burst: 1, perSecond: 0 };

type GivenMap = Map<OptionName, Given>;

/** Flags win over the environment, that over the file, that over the defaults. */
export function readSettings(sources: Sources): SettingsRead {
  const faults: string[] = [];
  const flags = readFlags(sources.argv, faults);
  const env = readEnvironment(sources.env);
  const configFile = (flags.get('config') ?? env.get('config'))?.input;
  const file =
    typeof configFile === 'string' && configFile !== ''
      ? readConfigFile(configFile, sources, faults)
      : new Map<OptionName, Given>();
  const values: Record<string, unknown> = {};
  for (const name of optionNames()) {
    const row: Option<unknown> = options[name];
    const given = flags.get(name) ?? env.get(name) ?? file.get(name);
    values[name] = given === undefined ? row.fallback : readGiven(row, given, faults);
  }
  if (values['rate-limit'] === false) {
    for (const name of RATES) values[name] = NO_LIMIT;
  }
  // Each value came from its own option's reader or is its fallback.
  const settings = values as Settings;
  faults.push(...contradictions(settings));
  return faults.length === 0 ? { ok: true, settings } : { ok: false, faults };
}

function readGiven(row: Option<unknown>, given: Given, faults: string[]): unknown {
  const result = row.read(given.input);
  if (result.ok) return result.value;
  faults.push(`${given.where} must be ${result.expected}.`);
  return row.fallback;
}

function contradictions(settings: Settings): string[] {
  const faults: string[] = [];
  const cert = settings['tls-cert'] !== undefined;
  const key = settings['tls-key'] !== undefined;
  if (cert !== key) {
    faults.push('--tls-cert and --tls-key belong together: give both, or neither.');
  }
  if (settings.http && (cert || key)) {
    faults.push('--http means no TLS: leave out --http, or --tls-cert and --tls-key.');
  }
  if (settings.push === 'embedded' && settings['share-data']) {
    faults.push(
      '--share-data needs one push server for all: add --push centrifugo, or leave out --share-data.',
    );
  }
  if (settings.push === 'embedded') {
    for (const name of CENTRIFUGO_ONLY) {
      if (settings[name] === undefined) continue;
      faults.push(`--${name} is for --push centrifugo: add that, or leave out --${name}.`);
    }
  }
  if (settings.push === 'centrifugo' && settings['hub-api-key-file'] !== undefined) {
    faults.push(
      "--hub-api-key-file is for the embedded hub: use Centrifugo's own API, and leave it out.",
    );
  }
  return faults;
}

function readFlags(argv: readonly string[], faults: string[]): GivenMap {
  const flags: GivenMap = new Map();
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const match = /^--([a-z-]+)(?:=(.*))?$/s.exec(word === '-h' ? '--help' : word);
    const name = optionNames().find((known) => known === match?.[1]);
    if (name === undefined) {
      faults.push(`${word.split('=')[0]} is not a setting; --help lists them all.`);
      continue;
    }
    const row: Option<unknown> = options[name];
    const input = match?.[2] ?? (row.argument === undefined ? true : rest.shift());
    if (input === undefined) faults.push(`--${name} needs a value: --${name} ${row.argument}.`);
    else flags.set(name, { input, where: `--${name}` });
  }
  return flags;
}

function readEnvironment(env: Sources['env']): GivenMap {
  const found: GivenMap = new Map();
  for (const name of optionNames()) {
    const row: Option<unknown> = options[name];
    const input = env[envName(name)];
    if (row.flagOnly === true || input === undefined || input === '') continue;
    found.set(name, { input, where: envName(name) });
  }
  return found;
}

function readConfigFile(path: string, sources: Sources, faults: string[]): GivenMap {
  const found: GivenMap = new Map();
  const file = sources.readFile(path);
  if (!file.ok) {
    faults.push(`The settings file ${path} cannot be read: ${file.reason}.`);
    return found;
  }
  const parsed = parseJson(file.text);
  const object = parsed.ok ? parsed.value : undefined;
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    faults.push(`The settings file ${path} must hold one JSON object.`);
    return found;
  }
  for (const [key, input] of Object.entries(object)) {
    const name = optionNames().find((known) => known === key.replaceAll('_', '-'));
    const row: Option<unknown> | undefined = name === undefined ? undefined : options[name];
    if (name === undefined || row === undefined || row.flagOnly === true || name === 'config') {
      faults.push(`${key} in ${path} is not a setting of the file; --help lists them all.`);
    } else {
      found.set(name, { input, where: `${key} in ${path}` });
    }
  }
  return found;
}
