import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { type DesktopEntry, expandCommand, parseDesktopEntry } from './desktop-entry.ts';
import type { LaunchCommand } from './processes.ts';

/** Where programs and desktop entries are. */
export interface Places {
  /** `$XDG_DATA_HOME` and `$XDG_DATA_DIRS`, the most important first. */
  readonly dataDirs: readonly string[];
  /** `$XDG_CONFIG_HOME` */
  readonly configDir: string;
  /** `$PATH` */
  readonly path: readonly string[];
}

/** A way to start the main app. */
export interface MainAppCommand {
  /** As people know it. */
  readonly name: string;
  /** What to run; with a link, so that it goes there. */
  at(link: string | undefined): LaunchCommand;
}

const SCHEME = 'x-scheme-handler/telex';
/** Entry names and program names under which the desktop client may be installed; ours is `telex-start`. */
const ENTRY_IDS = [
  'telex.desktop',
  'telex-desktop.desktop',
  'app.telex.Telex.desktop',
  'telex_telex.desktop',
];
const PROGRAMS = ['telex', 'telex-desktop'];
const USUAL_PLACES = ['/opt/telex/telex', '/opt/Telex/telex', '/usr/lib/telex/telex'];
const LARGEST_FILE = 262_144;

/** The configured command; `missing` where its program is not there. */
export function configuredCommand(
  words: readonly string[],
  places: Places,
): MainAppCommand | 'missing' {
  const program = findProgram(words[0] ?? '', places.path);
  return program === undefined ? 'missing' : commandOf(words, program, 'Telex');
}

/**
 * The desktop client as it is installed: the entry that opens `telex:` links, else one of a known name, else a program of a known
 * name on the PATH or in a usual place.
 */
export function installedCommand(places: Places): MainAppCommand | undefined {
  for (const id of [...handlerIds(places), ...ENTRY_IDS]) {
    const command = entryCommand(id, places);
    if (command !== undefined) return command;
  }
  for (const name of [...PROGRAMS, ...USUAL_PLACES]) {
    const program = findProgram(name, places.path);
    if (program !== undefined) return commandOf([program], program, 'Telex');
  }
  return undefined;
}

/** The path of a program as `execvp` would find it, from absolute folders only. */
export function findProgram(name: string, path: readonly string[]): string | undefined {
  if (name === '') return undefined;
  if (isAbsolute(name)) return isProgram(name) ? name : undefined;
  if (name.includes('/')) return undefined;
  return path.map((folder) => join(folder, name)).find(isProgram);
}

function commandOf(words: readonly string[], program: string, name: string): MainAppCommand {
  return entryAsCommand({ name, command: words, folder: undefined, icon: undefined }, program);
}

function entryAsCommand(
  entry: Omit<DesktopEntry, 'tryExec'>,
  program: string,
  file?: string,
): MainAppCommand {
  return {
    name: entry.name,
    at: (link) => {
      const [, ...args] = expandCommand(entry, file, link);
      return { file: program, args, folder: entry.folder };
    },
  };
}

function entryCommand(id: string, { dataDirs, path }: Places): MainAppCommand | undefined {
  // The first that is there decides, also when it says that there is none (`Hidden`).
  for (const folder of dataDirs) {
    const file = join(folder, 'applications', id);
    const text = readSmall(file);
    if (text === undefined) continue;
    const entry = parseDesktopEntry(text);
    if (entry === undefined) return undefined;
    const { tryExec } = entry;
    if (tryExec !== undefined && findProgram(tryExec, path) === undefined) return undefined;
    const program = findProgram(entry.command[0] ?? '', path);
    return program === undefined ? undefined : entryAsCommand(entry, program, file);
  }
  return undefined;
}

/** Entries that say they open `telex:` links: the user's choice first, then the desktop's own cache of all entries. */
function handlerIds({ dataDirs, configDir }: Places): string[] {
  const applications = dataDirs.map((folder) => join(folder, 'applications'));
  const lists = [
    join(configDir, 'mimeapps.list'),
    ...applications.map((folder) => join(folder, 'mimeapps.list')),
    ...applications.map((folder) => join(folder, 'mimeinfo.cache')),
  ];
  const ids = lists.flatMap((file) => {
    const line = readSmall(file)
      ?.split('\n')
      .find((each) => each.startsWith(`${SCHEME}=`));
    return line?.slice(SCHEME.length + 1).split(';') ?? [];
  });
  return [...new Set(ids.map((id) => id.trim()))].filter(
    (id) => id.endsWith('.desktop') && basename(id) === id,
  );
}

function readSmall(file: string): string | undefined {
  try {
    const { size } = statSync(file);
    return size > LARGEST_FILE || !statSync(file).isFile() ? undefined : readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
