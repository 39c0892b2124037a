export interface Arguments {
  readonly config: string | undefined;
  /** Read and judge the configuration, and do nothing else. */
  readonly check: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

export type ArgumentsRead =
  | { readonly ok: true; readonly given: Arguments }
  | { readonly ok: false; readonly fault: string };

const SWITCHES = ['check', 'help', 'version'] as const;

/** Reads the words of the command line. */
export function readArguments(words: readonly string[]): ArgumentsRead {
  let given: Arguments = { config: undefined, check: false, help: false, version: false };
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, name, inline] = /^--([a-z-]+)(?:=(.*))?$/s.exec(long(word)) ?? [];
    const found = SWITCHES.find((one) => one === name);
    if (found !== undefined && inline === undefined) given = { ...given, [found]: true };
    else if (name === 'config') {
      const file = inline ?? rest.shift();
      if (file === undefined || file === '') {
        return { ok: false, fault: '--config needs a file: --config FILE.' };
      }
      given = { ...given, config: file };
    } else return { ok: false, fault: `${word} is not an option; --help lists them all.` };
  }
  return { ok: true, given };
}

function long(word: string): string {
  if (word === '-c') return '--config';
  return word === '-h' ? '--help' : word;
}
