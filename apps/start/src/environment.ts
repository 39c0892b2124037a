import { readFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { faultSentence, parse, parseJson } from '@telex/contract';
import * as v from 'valibot';
import { StartError, systemCode } from './errors.ts';

/** Where things are on this machine. The only place that looks at the environment. */
export interface Environment {
  readonly platform: NodeJS.Platform;
  /** Names the user in folder and pipe names; numeric where the system has numbers. */
  readonly user: string;
  /** -1 where the system has no user ids. */
  readonly userId: number;
  readonly server: string | undefined;
  readonly ca: string | undefined;
  /** A command line. */
  readonly mainApp: string | undefined;
  /** `$XDG_RUNTIME_DIR`, which the system makes for this user alone. */
  readonly runtimeDir: string | undefined;
  /** Addresses of D-Bus, as the environment gives them. */
  readonly sessionBus: string | undefined;
  readonly systemBus: string | undefined;
  readonly tempDir: string;
  readonly stateDir: string;
  readonly configFile: string;
  /** `$XDG_CONFIG_HOME` */
  readonly configDir: string;
  /** `$XDG_DATA_HOME` */
  readonly dataHome: string;
  /** Where desktop entries of the system are, and of its package formats; `dataHome` comes before them. */
  readonly dataDirs: readonly string[];
  /** Names of the proxy variables that are set; not used, and their values may hold passwords. */
  readonly proxyVariables: readonly string[];
  readonly home: string;
  /** Folders that programs are looked for in, absolute ones only. */
  readonly path: readonly string[];
  /** What windows can be shown on; both under Wayland with XWayland. */
  readonly display: { readonly x11: boolean; readonly wayland: boolean };
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const folder = (name: string) => {
    const value = env[name];
    // The XDG specification: a relative path is to be ignored.
    return value !== undefined && isAbsolute(value) ? value : undefined;
  };
  const folders = (value: string) => value.split(delimiter).filter((each) => isAbsolute(each));
  const home = folder('HOME') ?? homedir();
  const configDir = folder('XDG_CONFIG_HOME') ?? join(home, '.config');
  const dataHome = folder('XDG_DATA_HOME') ?? join(home, '.local', 'share');
  // Asked for separately: a container's user may have a number and no name.
  const userId = process.getuid?.() ?? -1;
  return {
    platform: process.platform,
    user: userId >= 0 ? String(userId) : userInfo().username,
    userId,
    server: nonEmpty(env.TELEX_SERVER),
    ca: nonEmpty(env.TELEX_CA),
    mainApp: nonEmpty(env.TELEX_MAIN_APP),
    runtimeDir: folder('XDG_RUNTIME_DIR'),
    sessionBus: nonEmpty(env.DBUS_SESSION_BUS_ADDRESS),
    systemBus: nonEmpty(env.DBUS_SYSTEM_BUS_ADDRESS),
    tempDir: tmpdir(),
    stateDir: join(folder('XDG_STATE_HOME') ?? join(home, '.local', 'state'), 'telex'),
    configFile: join(configDir, 'telex', 'start.json'),
    configDir,
    dataHome,
    dataDirs: [
      ...folders(nonEmpty(env.XDG_DATA_DIRS) ?? '/usr/local/share:/usr/share'),
      join(dataHome, 'flatpak', 'exports', 'share'),
      '/var/lib/flatpak/exports/share',
      '/var/lib/snapd/desktop',
    ],
    proxyVariables: PROXY_VARIABLES.filter((name) => nonEmpty(env[name]) !== undefined),
    home,
    path: folders(env.PATH ?? ''),
    display: {
      x11: nonEmpty(env.DISPLAY) !== undefined,
      wayland: nonEmpty(env.WAYLAND_DISPLAY) !== undefined,
    },
  };
}

/** What a program gets that we start and that is none of our parts: the user's environment without our own settings. */
export function environmentForOthers(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const isOurs = (name: string) => /^TELEX_|^(NODE_COMPILE_CACHE|MALLOC_ARENA_MAX)$/.test(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isOurs(name)));
}

const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];

const filledIn = v.pipe(v.string(), v.nonEmpty('must not be empty'));
const configSchema = v.strictObject({
  server: v.optional(filledIn),
  ca: v.optional(filledIn),
  main_app: v.optional(
    v.union([filledIn, v.pipe(v.array(v.string()), v.nonEmpty('must not be empty'))]),
  ),
});
export type Config = v.InferOutput<typeof configSchema>;

const LARGEST_CONFIG = 65_536;

/** The configuration file, empty where there is none. Throws `StartError` that names file and field. */
export function readConfig(file: string): Config {
  const text = readText(file);
  if (text === undefined) return {};
  const json = parseJson(text.slice(0, LARGEST_CONFIG));
  if (!json.ok) throw badConfig(file, 'it is not valid JSON');
  // Valibot takes a list for an object.
  if (Array.isArray(json.value)) throw badConfig(file, 'it must be an object, not a list');
  const parsed = parse(configSchema, json.value);
  if (!parsed.ok) throw badConfig(file, parsed.faults.map(faultSentence).join('; '));
  return parsed.value;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw badConfig(file, `it cannot be read (${systemCode(error) ?? 'unknown fault'})`);
  }
}

function badConfig(file: string, why: string): StartError {
  return new StartError(
    'bad_config',
    `The configuration file ${file} cannot be used: ${why}. Correct it or remove it.`,
  );
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
