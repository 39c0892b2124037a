import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { childEnd, hasEnded, keepOutput } from './child.ts';

/** A private message bus that activates nothing: what is not started by the test isn't there. Whoever launched it ends it. */
export interface BusProcess {
  /** The same through every restart. */
  readonly address: string;
  /** For other files of the test; removed at the end. */
  readonly folder: string;
  readonly pid: number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Kills it where it still runs, and starts it on the same path. */
  restart(): Promise<void>;
  /** SIGSTOP: it takes connections and bytes, and answers nothing. */
  freeze(): void;
  thaw(): void;
  /** Ends it and removes its folder. Idempotent. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 10_000;

/** Rejects with what to install where there is no `dbus-daemon`. */
export async function launchBus(): Promise<BusProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'telex-bus-'));
  const socket = join(folder, 'bus');
  const config = join(folder, 'bus.conf');
  await writeFile(config, configFor(socket));
  let daemon = await startDaemon(config).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    address: `unix:path=${socket}`,
    folder,
    get pid() {
      return daemon.pid;
    },
    kill: () => daemon.kill(),
    async restart() {
      await daemon.kill();
      rmSync(socket, { force: true });
      daemon = await startDaemon(config);
    },
    freeze: () => void process.kill(daemon.pid, 'SIGSTOP'),
    thaw: () => void process.kill(daemon.pid, 'SIGCONT'),
    async stop() {
      await daemon.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startDaemon(config: string) {
  const child = spawn(
    'dbus-daemon',
    [`--config-file=${config}`, '--nofork', '--nopidfile', '--print-address=3'],
    { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  );
  const failed = once(child, 'error').then(([error]) => {
    throw new Error(
      `dbus-daemon cannot be started (${error.code ?? error.message}): apt-get install dbus-daemon`,
    );
  });
  const end = childEnd(child);
  const output = keepOutput(child);
  const started = new AbortController();
  try {
    await Promise.race([
      once(child.stdio[3] as Readable, 'data', {
        signal: AbortSignal.any([started.signal, AbortSignal.timeout(START_LIMIT_MS)]),
      }),
      once(child, 'exit', { signal: started.signal }).then(() => {
        throw new Error(`dbus-daemon has ended:\n${output()}`);
      }),
      failed,
    ]);
  } catch (error) {
    if (child.pid !== undefined && !hasEnded(child)) await end.kill();
    throw error;
  } finally {
    failed.catch(() => {});
    started.abort();
  }
  return { pid: child.pid ?? -1, kill: end.kill };
}

/** No service folders: an installed notification daemon must not start by itself. */
function configFor(socket: string): string {
  if (existsSync(socket)) throw new Error(`${socket} is taken`);
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;
}
