import type { Environment } from '../../environment.ts';

export interface LinuxDesktopPorts {
  readonly environment: Environment;
  /** Of the session bus. */
  readonly address: string;
  /** Keep this desktop although there is no bus yet. */
  readonly isForced: boolean;
  /** Takes one line for the log. */
  readonly log: (line: string) => void;
  readonly unixMs: () => number;
  /** Calls back later, without holding the process open; the result takes it back. */
  readonly after: (delayMs: number, run: () => void) => () => void;
}
