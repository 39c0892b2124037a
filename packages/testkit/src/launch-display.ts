import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { childEnd } from './child.ts';
import { needProgram } from './need-program.ts';

export interface DisplayOptions {
  /** Default 1280 × 800. */
  readonly width?: number;
  readonly height?: number;
  /** Runs openbox on it; default: no window manager. */
  readonly hasWindowManager?: boolean;
}

/** An X display of its own, without a screen. Whoever launched it ends it. */
export interface Display {
  /** For `DISPLAY`, such as `:7`. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  close(): Promise<void>;
}

/** Starts Xvfb on a number that is free. */
export async function launchDisplay(options: DisplayOptions = {}): Promise<Display> {
  const { width = 1280, height = 800 } = options;
  const size = `${width}x${height}x24`;
  const server = spawn(
    needProgram('Xvfb'),
    ['-displayfd', '3', '-screen', '0', size, '-nolisten', 'tcp'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const ends = [childEnd(server)];
  const numbers = server.stdio[3] as Readable;
  // It writes its number once it takes clients.
  const [number] = await Promise.race([once(numbers, 'data'), failure(server)]);
  const name = `:${String(number).trim()}`;
  if (options.hasWindowManager === true) {
    const manager = spawn(needProgram('openbox'), ['--sm-disable'], {
      stdio: 'ignore',
      env: { ...process.env, DISPLAY: name },
    });
    ends.unshift(childEnd(manager));
  }
  return {
    name,
    width,
    height,
    async close() {
      for (const end of ends) await end.kill();
    },
  };
}

async function failure(server: ReturnType<typeof spawn>): Promise<never> {
  const [code] = await once(server, 'exit');
  throw new Error(`Xvfb ended with ${code} before it was ready.`);
}
