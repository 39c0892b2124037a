import type { ThreadTarget } from '../tray/menu-command.ts';

/** What came of opening or closing, as a sentence for people. */
export interface MainAppOutcome {
  readonly ok: boolean;
  readonly sentence: string;
}

/** The full client, wherever it is: launched by a command, found installed, or the server's web address. */
export interface MainApp {
  /** True while the process that was found or launched runs; a web page can't be told. */
  readonly isOpen: boolean;
  readonly canOpen: boolean;
  /** Launches it or brings it to the front; with a target at that thread. Never rejects. */
  open(target: ThreadTarget | undefined): Promise<MainAppOutcome>;
  /** Ends exactly the process that was found or launched: asks, waits 5 s, kills. Never rejects. */
  end(): Promise<MainAppOutcome>;
  /** Looks again whether it runs, before somebody looks at us: nothing else tells of what the user starts or closes. */
  look(): void;
  /** Told when `isOpen` or `canOpen` changes, also when it is closed by hand. */
  listen(listener: () => void): void;
  /** The web address to use changed with the server that was signed in to. */
  useServer(origin: string | undefined): void;
  /** Stops watching; the main app goes on running. Idempotent. */
  close(): void;
}
