import { type DesktopChoice, desktopChoices } from '../desktop/desktop-choice.ts';
import { StartError } from '../errors.ts';

/** What the command line asks for. Folders and addresses are as typed, not yet checked. */
export type Invocation =
  | { readonly command: 'help'; readonly topic: CommandName | undefined }
  | { readonly command: 'version' }
  | {
      readonly command: 'run';
      readonly server?: string;
      readonly ca?: string;
      readonly credentialsFd?: number;
      readonly reportFd?: number;
      readonly control?: string;
      readonly state?: string;
      readonly mainApp?: string;
      readonly desktop: DesktopChoice;
    }
  | {
      readonly command: PlainCommand;
      readonly json: boolean;
      readonly control?: string;
    }
  | {
      readonly command: 'open' | 'pause' | 'unmute';
      readonly json: boolean;
      /** The word after the command: a link, a length, a scope. */
      readonly word?: string;
      readonly control?: string;
    }
  | {
      readonly command: 'doctor';
      readonly json: boolean;
      readonly server?: string;
      readonly ca?: string;
      readonly control?: string;
      readonly state?: string;
    }
  | {
      readonly command: 'install';
      readonly json: boolean;
      readonly server?: string;
      readonly ca?: string;
      /** Undefined: as it is. */
      readonly autostart?: boolean;
    }
  | { readonly command: 'uninstall'; readonly json: boolean }
  | {
      readonly command: 'login';
      readonly json: boolean;
      readonly email?: string;
      readonly control?: string;
    };

/** Commands that take nothing but flags, and ask the running instance. */
type PlainCommand =
  | 'status'
  | 'logout'
  | 'test'
  | 'exit'
  | 'close'
  | 'resume'
  | 'reconnect'
  | 'recent';
export type CommandName =
  | PlainCommand
  | 'run'
  | 'login'
  | 'doctor'
  | 'open'
  | 'pause'
  | 'unmute'
  | 'install'
  | 'uninstall';

/** How a flag's value is read; `switch` takes none. */
type FlagKind = 'text' | 'fd' | 'switch';

export interface CommandRow {
  readonly summary: string;
  /** The words after `telex-start` of a call that people make. */
  readonly example: string;
  /** One word that may stand after the command. */
  readonly word?: { readonly value: string; readonly help: string };
  readonly flags: Readonly<Record<string, Flag>>;
}

interface Flag {
  readonly kind: FlagKind;
  readonly value?: string;
  readonly help: string;
}

const control = {
  kind: 'text',
  value: 'DIR',
  help: 'folder of the control socket, if not the usual one',
} as const;
const server: Flag = {
  kind: 'text',
  value: 'URL',
  help: 'address of the Telex server, https://…',
};
const ca: Flag = {
  kind: 'text',
  value: 'FILE',
  help: 'certificate of a private authority, in PEM',
};
const state: Flag = {
  kind: 'text',
  value: 'DIR',
  help: 'folder for marks, which hold no secrets',
};
const json = { kind: 'switch', help: 'answer with one JSON object, for scripts' } as const;

/** Every command with its flags: the parser and the help text both come from here. */
export const commands: Readonly<Record<CommandName, CommandRow>> = {
  run: {
    summary: 'receive notifications until it is told to exit (the default)',
    example: 'run --server https://telex.example.org',
    flags: {
      server,
      ca,
      control,
      state,
      desktop: {
        kind: 'text',
        value: desktopChoices.join('|'),
        help: 'where to show itself; auto (the default): the desktop session, else the terminal',
      },
      'credentials-fd': {
        kind: 'fd',
        value: 'N',
        help: 'read {"email","password"} from this descriptor in place of asking',
      },
      'report-fd': {
        kind: 'fd',
        value: 'N',
        help: 'write what happens to this descriptor, as JSON lines',
      },
      'main-app': {
        kind: 'text',
        value: 'COMMAND',
        help: 'what Open Main App starts; %u is the link',
      },
    },
  },
  status: {
    summary: 'say whether notifications arrive, and why not',
    example: 'status --json',
    flags: { json, control },
  },
  login: {
    summary: 'sign in; asks for the password, or reads it as a line from a pipe',
    example: 'login --email you@example.org',
    flags: {
      email: { kind: 'text', value: 'ADDRESS', help: 'do not ask for the e-mail address' },
      json,
      control,
    },
  },
  logout: {
    summary: 'sign out; Telex Start goes on running',
    example: 'logout',
    flags: { json, control },
  },
  test: {
    summary: 'send a real notification through the server and time every hop',
    example: 'test',
    flags: { json, control },
  },
  open: {
    summary: 'open the main app, or a place in it',
    example: 'open telex://org/ORGANISATION/channel/CHANNEL',
    word: { value: 'LINK', help: 'telex://org/ORGANISATION/channel/CHANNEL/thread/THREAD' },
    flags: { json, control },
  },
  close: { summary: 'close the main app', example: 'close', flags: { json, control } },
  pause: {
    summary: 'show no notifications for a while; a summary follows',
    example: 'pause tomorrow',
    word: {
      value: 'LENGTH',
      help: '30m, 1h, tomorrow or off; without one it says whether there is a pause',
    },
    flags: { json, control },
  },
  resume: { summary: 'end a pause', example: 'resume', flags: { json, control } },
  recent: {
    summary: 'list the last notifications, newest first',
    example: 'recent',
    flags: { json, control },
  },
  unmute: {
    summary: 'list what is muted, or take a mute back',
    example: 'unmute 1',
    word: { value: 'NUMBER', help: 'which one of the list; all of them: all' },
    flags: { json, control },
  },
  reconnect: {
    summary: 'connect now instead of waiting for the next try',
    example: 'reconnect',
    flags: { json, control },
  },
  doctor: {
    summary: 'look at every part from the settings to the desktop, and say what to do',
    example: 'doctor --server https://telex.example.org',
    flags: { server, ca, json, control, state },
  },
  install: {
    summary: 'install for this user: menu entry, icon, the program as one file',
    example: 'install --autostart',
    flags: {
      autostart: { kind: 'switch', help: 'start it with the session' },
      'no-autostart': { kind: 'switch', help: 'do so no longer' },
      server: { ...server, help: `${server.help}; kept in start.json` },
      ca: { ...ca, help: `${ca.help}; kept in start.json` },
      json,
    },
  },
  uninstall: {
    summary: 'remove what install wrote, and nothing else',
    example: 'uninstall',
    flags: { json },
  },
  exit: { summary: 'end the running Telex Start', example: 'exit', flags: { json, control } },
};

const LONGEST_VALUE = 4_096;

/** Reads the words after `telex-start`. Throws `StartError` with a sentence for anything it does not know. */
export function parseArguments(words: readonly string[]): Invocation {
  const [first, ...others] = words;
  if (words.includes('--help') || words.includes('-h') || first === 'help') {
    return { command: 'help', topic: words.find(isCommand) };
  }
  if (first === '--version') return { command: 'version' };
  const isNamed = first !== undefined && !first.startsWith('-');
  const command = isNamed ? first : 'run';
  if (!isCommand(command)) {
    throw new StartError(
      'unknown_command',
      `telex-start has no command "${printable(command)}". It has: ${Object.keys(commands).join(', ')}.`,
    );
  }
  const { word, rest } = takeWord(command, isNamed ? others : words);
  const values = readFlags(command, rest);
  const text = (flag: string) => pick(flag, values, isText);
  const textAs = (flag: string, key: string) => pick(flag, values, isText, key);
  const number = (flag: string, key: string) => pick(flag, values, isNumber, key);
  const json = values.get('json') === true;
  switch (command) {
    case 'run':
      return {
        command,
        ...text('server'),
        ...text('ca'),
        ...text('control'),
        ...text('state'),
        ...number('credentials-fd', 'credentialsFd'),
        ...number('report-fd', 'reportFd'),
        ...textAs('main-app', 'mainApp'),
        desktop: readDesktop(values.get('desktop')),
      };
    case 'doctor':
      return {
        ...{ command, json },
        ...text('server'),
        ...text('ca'),
        ...text('control'),
        ...text('state'),
      };
    case 'install':
      return { command, json, ...text('server'), ...text('ca'), ...autostartIn(values) };
    case 'uninstall':
      return { command, json };
    case 'login':
      return { command, json, ...text('email'), ...text('control') };
    case 'open':
    case 'pause':
    case 'unmute':
      return { command, json, ...(word === undefined ? {} : { word }), ...text('control') };
    default:
      return { command, json, ...text('control') };
  }
}

function readDesktop(value: FlagValue = 'auto'): DesktopChoice {
  const choice = desktopChoices.find((each) => each === value);
  if (choice !== undefined) return choice;
  throw new StartError('bad_flag', `--desktop takes one of ${desktopChoices.join(', ')}.`);
}

function autostartIn(values: ReadonlyMap<string, FlagValue>): { readonly autostart?: boolean } {
  const [yes, no] = [values.has('autostart'), values.has('no-autostart')];
  if (yes && no) {
    throw new StartError('bad_flag', '--autostart and --no-autostart exclude each other.');
  }
  return yes || no ? { autostart: yes } : {};
}

/** Takes the one word that the command allows, wherever it stands; a flag's value is none. */
function takeWord(
  command: CommandName,
  words: readonly string[],
): { readonly word?: string; readonly rest: readonly string[] } {
  const row: CommandRow = commands[command];
  if (row.word === undefined) return { rest: words };
  const isValue = (index: number) => {
    const before = /^--([a-z-]+)$/.exec(words[index - 1] ?? '')?.[1] ?? '';
    return Object.hasOwn(row.flags, before) && row.flags[before]?.kind !== 'switch';
  };
  const at = words.findIndex((word, index) => !word.startsWith('-') && !isValue(index));
  const word = words[at];
  if (word === undefined) return { rest: words };
  if (word === '' || word.length > LONGEST_VALUE) {
    throw new StartError('bad_flag', `${row.word.value} must not be empty or that long.`);
  }
  return { word, rest: words.toSpliced(at, 1) };
}

type FlagValue = string | number | true;

function readFlags(command: CommandName, words: readonly string[]): Map<string, FlagValue> {
  const { flags } = commands[command];
  const values = new Map<string, FlagValue>();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const [, name = '', inline] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (flag === undefined) throw unknownFlag(command, word);
    if (values.has(name)) throw new StartError('bad_flag', `--${name} is given twice.`);
    if (flag.kind === 'switch') {
      if (inline !== undefined) throw new StartError('bad_flag', `--${name} takes no value.`);
      values.set(name, true);
      continue;
    }
    if (inline === undefined) index += 1;
    values.set(name, readValue(name, flag.kind, inline ?? words[index]));
  }
  return values;
}

function readValue(name: string, kind: FlagKind, value: string | undefined): string | number {
  if (value === undefined || value === '' || value.length > LONGEST_VALUE) {
    throw new StartError('bad_flag', `--${name} needs a value after it.`);
  }
  if (kind === 'text') return value;
  if (!/^\d{1,4}$/.test(value) || Number(value) < 3) {
    throw new StartError(
      'bad_flag',
      `--${name} needs the number of an open descriptor, 3 or more.`,
    );
  }
  return Number(value);
}

function unknownFlag(command: CommandName, word: string): StartError {
  // Somebody may have typed a password there: only what looks like a flag's name is repeated.
  const name = /^--?[A-Za-z][\w-]{0,30}/.exec(word)?.[0];
  const what = name === undefined ? 'takes no further words' : `has no flag ${name}`;
  return new StartError(
    'unknown_flag',
    `telex-start ${command} ${what}. See: telex-start ${command} --help`,
  );
}

function isCommand(word: string): word is CommandName {
  return Object.hasOwn(commands, word);
}

const isText = (value: FlagValue | undefined) => typeof value === 'string';
const isNumber = (value: FlagValue | undefined) => typeof value === 'number';

function pick<Value extends FlagValue>(
  flag: string,
  values: ReadonlyMap<string, FlagValue>,
  is: (value: FlagValue | undefined) => value is Value,
  key: string = flag,
): Record<string, Value> {
  const value = values.get(flag);
  return is(value) ? { [key]: value } : {};
}

function printable(word: string): string {
  return word.replace(/[^\x20-\x7e]/g, '').slice(0, 40);
}
