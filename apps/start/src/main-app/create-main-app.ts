// The main app is one process: the one that we launched, or the one that the user had started. It is named by its number and its
// start time together. Launching again, to hand over a link, does not change which it is.
//
//   none ── open ──► launched (its exit event tells the end)  ─┐
//     ▲      └─────► found (looked at when asked, once a minute) ─┤ ended ──► another of the same program, or none
//     └──────────────────────────────────────────────────────────┘
import type { ThreadTarget } from '../tray/menu-command.ts';
import { deepLink, webLink } from './deep-link.ts';
import {
  configuredCommand,
  findProgram,
  installedCommand,
  type MainAppCommand,
  type Places,
} from './find-command.ts';
import type { MainApp, MainAppOutcome } from './main-app.ts';
import type { Launched, Processes, ProcessIdentity } from './processes.ts';

export interface MainAppOptions {
  /** The words of the configured command; field codes as in desktop entries. */
  readonly configured: readonly string[] | undefined;
  readonly places: Places;
  readonly processes: Processes;
  readonly clock: { after(delayMs: number, run: () => void): () => void };
}

/** Asked to end, this long until it is made to. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 100;
/** A process that was killed is gone by then. */
const KILLED_MS = 1_000;
/** Nothing tells the end of a process that is not our child. */
const FOUND_CHECK_MS = 60_000;
/** A program that can't start says so by ending at once. */
const EARLY_EXIT_MS = 500;
/** `xdg-open` tries one browser after another before it fails. */
const BROWSER_EXIT_MS = 3_000;

interface Main {
  readonly identity: ProcessIdentity;
  /** The group that we made for it, named by its first process; undefined where it was found. */
  readonly group: number | undefined;
}

export function createMainApp(options: MainAppOptions): MainApp {
  const { configured, places, processes, clock } = options;
  const listeners = new Set<() => void>();
  let origin: string | undefined;
  let main: Main | undefined;
  /** Launched by us and not ended, the main one or not. */
  const started = new Set<Main>();
  /** Looked for once something asks. */
  let installed: MainAppCommand | 'none' | undefined;
  let told = '';
  let stopChecking = () => {};
  let isClosed = false;

  const command = (): MainAppCommand | 'missing' | 'none' => {
    if (configured !== undefined) return configuredCommand(configured, places);
    installed ??= installedCommand(places) ?? 'none';
    return installed;
  };
  const canOpen = () => configured !== undefined || origin !== undefined || command() !== 'none';

  const tell = (): void => {
    const now = `${main !== undefined} ${canOpen()}`;
    if (now === told || isClosed) return;
    told = now;
    for (const listener of listeners) listener();
  };
  const follow = (next: Main | undefined): void => {
    stopChecking();
    main = next;
    // The exit event tells of our own child; a child of it, or a stranger's, has to be looked at.
    const isChild = next !== undefined && next.group === next.identity.pid;
    stopChecking =
      next === undefined || isChild || isClosed ? () => {} : clock.after(FOUND_CHECK_MS, look);
    tell();
  };
  /** What runs now: the one we know, else one that we started or what is left of it, else one that the user started. */
  const current = (): Main | undefined => {
    if (main !== undefined && processes.isRunning(main.identity)) return main;
    for (const { identity, group } of started) {
      const [member] = group === undefined ? [] : processes.group(group);
      if (processes.isRunning(identity)) return { identity, group };
      if (member !== undefined) return { identity: member, group };
    }
    const known = command();
    if (typeof known === 'string') return undefined;
    const [found] = processes.running(known.at(undefined));
    return found === undefined ? undefined : { identity: found, group: undefined };
  };
  const look = (): void => {
    if (!isClosed) follow(current());
  };

  const launched = ({ identity, exited }: Launched): void => {
    const mine = { identity, group: identity.pid };
    started.add(mine);
    // One that ran before gets the link from this one, which then ends.
    if (main === undefined) follow(mine);
    void exited.then(() => {
      // A launcher that has ended may have left the app in its group, or have handed over to another.
      if (!isClosed) look();
      if (processes.group(identity.pid).length === 0) started.delete(mine);
    });
  };

  const openWeb = async (target: ThreadTarget | undefined): Promise<MainAppOutcome> => {
    if (origin === undefined) return noneToOpen;
    const address = webLink(origin, target);
    const opener = findProgram('xdg-open', places.path);
    const failed = {
      ok: false,
      sentence: `The browser could not be opened. The address is ${address}`,
    };
    if (opener === undefined) return failed;
    try {
      const browser = await processes.launch({ file: opener, args: [address], folder: undefined });
      const code = await earlyExit(browser, BROWSER_EXIT_MS);
      return code === undefined || code === 0 ? opened : failed;
    } catch {
      return failed;
    }
  };
  /** The exit code of one that ended at once; undefined for one that goes on. */
  const earlyExit = (
    { exited }: Launched,
    limitMs = EARLY_EXIT_MS,
  ): Promise<number | null | undefined> =>
    new Promise((resolve) => {
      const cancel = clock.after(limitMs, () => resolve(undefined));
      void exited.then((code) => {
        cancel();
        resolve(code);
      });
    });

  const gone = async (targets: readonly ProcessIdentity[], limitMs: number): Promise<boolean> => {
    for (let waited = 0; ; waited += LOOK_MS) {
      if (!targets.some((target) => processes.isRunning(target))) return true;
      if (waited >= limitMs) return false;
      await new Promise<void>((resolve) => {
        clock.after(LOOK_MS, resolve);
      });
    }
  };
  /** The process, and what we started, with what that has started in its group; each by its identity. */
  const membersOf = ({ identity }: Main): ProcessIdentity[] => {
    const ours = [...started].flatMap((each) => [
      each.identity,
      ...processes.group(each.group ?? -1),
    ]);
    const members = new Map([identity, ...ours].map((each) => [each.pid, each]));
    return [...members.values()];
  };
  const endMain = async (ending: Main): Promise<MainAppOutcome> => {
    const asked = membersOf(ending);
    for (const member of asked) processes.signal(member, 'SIGTERM');
    const wentByItself = await gone(asked, PATIENCE_MS);
    if (!wentByItself) {
      for (const member of asked) processes.signal(member, 'SIGKILL');
      if (!(await gone(asked, KILLED_MS))) {
        look();
        return { ok: false, sentence: 'The main app does not end, although it was killed.' };
      }
    }
    look();
    return {
      ok: true,
      sentence: wentByItself ? '' : 'The main app did not answer for 5 s and was ended.',
    };
  };

  return {
    get isOpen() {
      return main !== undefined && processes.isRunning(main.identity);
    },
    get canOpen() {
      return canOpen();
    },
    async open(target) {
      const known = command();
      if (known === 'none') return openWeb(target);
      if (known === 'missing') {
        const program = configured?.[0] ?? '';
        const sentence = `The main app's command is not there: ${program}. Correct --main-app, TELEX_MAIN_APP or "main_app" in start.json.`;
        return { ok: false, sentence };
      }
      follow(current());
      const link = target === undefined ? undefined : deepLink(target);
      try {
        const instance = await processes.launch(known.at(link));
        launched(instance);
        const code = await earlyExit(instance);
        if (code === undefined || code === 0 || main !== undefined) return opened;
        return {
          ok: false,
          sentence: `${known.name} ended at once${code === null ? '' : ` with code ${code}`}.`,
        };
      } catch (error) {
        const why = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
        return { ok: false, sentence: `${known.name} could not be started${why}.` };
      }
    },
    async end() {
      follow(current());
      if (main !== undefined) return endMain(main);
      const isWeb = command() === 'none' && origin !== undefined;
      return {
        ok: false,
        sentence: isWeb
          ? 'The main app is a page in your browser, which only you can close.'
          : 'The main app is not open.',
      };
    },
    look,
    listen: (listener) => {
      listeners.add(listener);
    },
    useServer(next) {
      origin = next;
      tell();
    },
    close() {
      isClosed = true;
      stopChecking();
      listeners.clear();
    },
  };
}

const opened: MainAppOutcome = { ok: true, sentence: '' };
const noneToOpen: MainAppOutcome = {
  ok: false,
  sentence:
    'There is no main app: no command is configured, no Telex client is installed, and no server is known yet. Sign in first.',
};
