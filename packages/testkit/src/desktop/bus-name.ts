import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { runTool } from './run-tool.ts';

const DEBIAN_PACKAGE = 'dbus-daemon';
const BUS = '--dest=org.freedesktop.DBus';

/** What comes while the watch itself is being set up is not told. */
const LOOK_AGAIN_MS = 250;

/** Resolves when somebody owns the name on the bus. Looks at each change, and now and then. */
export async function nameOwned(address: string, name: string, signal: AbortSignal): Promise<void> {
  const watch = spawn(
    'dbus-monitor',
    ['--address', address, `type='signal',member='NameOwnerChanged',arg0='${name}'`],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const failed = once(watch, 'error').then(([error]) => {
    throw new Error(`dbus-monitor: ${error.message}; apt-get install ${DEBIAN_PACKAGE}`);
  });
  failed.catch(() => {});
  try {
    do {
      // It says its own name as soon as it watches, then what changes.
      const turn = new AbortController();
      const both = AbortSignal.any([signal, turn.signal]);
      await Promise.race([
        once(watch.stdout, 'data', { signal: both }),
        setTimeout(LOOK_AGAIN_MS, undefined, { signal: both }),
        failed,
      ]);
      turn.abort();
    } while (!(await isOwned(address, name)));
  } finally {
    watch.kill('SIGKILL');
  }
}

export async function isOwned(address: string, name: string): Promise<boolean> {
  const reply = await runTool(
    'dbus-send',
    [
      ...[`--bus=${address}`, '--print-reply=literal', BUS, '/org/freedesktop/DBus'],
      ...['org.freedesktop.DBus.NameHasOwner', `string:${name}`],
    ],
    { package: DEBIAN_PACKAGE, env: process.env },
  );
  return reply.toString().includes('true');
}
