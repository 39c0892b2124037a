import type { Environment } from '../environment.ts';

export interface BrowserLoginOptions {
  readonly environment: Pick<
    Environment,
    'platform' | 'user' | 'userId' | 'runtimeDir' | 'tempDir' | 'home' | 'path' | 'display'
  >;
  /** Files that may be a browser, besides those of the path. Default: the usual places. */
  readonly places?: readonly string[];
  /** Calls back later; the result takes it back. Default: the system's timers. */
  readonly after?: (delayMs: number, run: () => void) => () => void;
}
