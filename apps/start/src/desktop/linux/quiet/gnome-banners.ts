// GNOME's "do not disturb" is the setting `show-banners`. On the bus stands only that a setting was written, and the settings
// portal leaves this one out; so its own program reads it, once at the start and after each change.
import * as v from 'valibot';
import type { QuietSource } from './quiet-reasons.ts';
import type { QuietBus } from './watch-value.ts';

/** As `gsettings get` prints it, such as `false`; undefined where it can't be read. */
export type ReadSetting = (schema: string, key: string) => Promise<string | undefined>;

const SCHEMA = 'org.gnome.desktop.notifications';
const KEY = 'show-banners';
const PATH = '/org/gnome/desktop/notifications/show-banners';

/** A prefix, the parts that were written, and a tag (dconf, `ca.desrt.dconf.Writer`). */
const written = v.tuple([v.string(), v.array(v.string())]);

export function bannersSource(bus: Pick<QuietBus, 'onSignal'>, read: ReadSetting): QuietSource {
  return (tell) => {
    let isStopped = false;
    let isAsking = false;
    let isStale = false;
    const ask = async (): Promise<void> => {
      // One at a time, however many changes are told.
      isStale = true;
      if (isAsking) return;
      isAsking = true;
      while (isStale && !isStopped) {
        isStale = false;
        const value = await read(SCHEMA, KEY).catch(() => undefined);
        if (!isStopped) tell(value === 'false');
      }
      isAsking = false;
    };
    const stop = bus.onSignal(
      {
        path: '/ca/desrt/dconf/Writer/user',
        interface: 'ca.desrt.dconf.Writer',
        member: 'Notify',
      },
      ({ body }) => {
        const parsed = v.safeParse(written, body);
        if (parsed.success && concerns(...parsed.output)) void ask();
      },
    );
    void ask();
    return () => {
      isStopped = true;
      stop();
    };
  };
}

/** A change names the key, or a folder above it that was reset. */
function concerns(prefix: string, parts: readonly string[]): boolean {
  return parts.some((part) => {
    const path = `${prefix}${part}`;
    return path === PATH || (path.endsWith('/') && PATH.startsWith(path));
  });
}

const READ_LIMIT_MS = 5_000;

/** By the program `gsettings`, which every GNOME has. */
export function gsettingsReader(env?: NodeJS.ProcessEnv): ReadSetting {
  return async (schema, key) => {
    const { execFile } = await import('node:child_process');
    const options = { timeout: READ_LIMIT_MS, ...(env === undefined ? {} : { env }) };
    return new Promise((resolve) => {
      execFile('gsettings', ['get', schema, key], options, (error, output) =>
        resolve(error === null ? output.trim() : undefined),
      );
    });
  };
}
