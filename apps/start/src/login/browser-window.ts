import { type ChildProcess, spawn } from 'node:child_process';

/** How a browser ended. */
export type BrowserExit = 'ended' | 'failed';

/** A browser that shows the login page in a window of its own. */
export interface BrowserWindow {
  /** `failed`: it could not be started, or ended with a fault. Never rejects. */
  readonly exited: Promise<BrowserExit>;
  /** Asks it to end; after the limit makes it. Resolves once it has ended. Never rejects. */
  end(): Promise<void>;
  /** Ends it at once, for when this process ends. */
  kill(): void;
}

export interface BrowserWindowOptions {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly after: (delayMs: number, run: () => void) => () => void;
}

const END_LIMIT_MS = 2_000;

export function openBrowserWindow(options: BrowserWindowOptions): BrowserWindow {
  const { promise: exited, resolve } = Promise.withResolvers<BrowserExit>();
  // A group of its own, so that what a starting script has started ends with it.
  const child = spawn(options.program, options.arguments, { stdio: 'ignore', detached: true });
  // The open dialog keeps this process alive; Exit does not wait for the browser.
  child.unref();
  child.once('error', () => resolve('failed'));
  child.once('exit', (code) => resolve(code === 0 ? 'ended' : 'failed'));
  return {
    exited,
    async end() {
      signalGroup(child, 'SIGTERM');
      const cancel = options.after(END_LIMIT_MS, () => signalGroup(child, 'SIGKILL'));
      await exited;
      cancel();
    },
    kill: () => signalGroup(child, 'SIGKILL'),
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has just ended.
  }
}
