import * as v from 'valibot';
import type { QuietSource } from './quiet-reasons.ts';
import { booleanProperty, isTrue, type QuietBus, watchValue } from './watch-value.ts';

/** Services that tell when the screen is covered: interfaces and names are the same word. */
const savers = [
  { name: 'org.freedesktop.ScreenSaver', path: '/org/freedesktop/ScreenSaver' },
  { name: 'org.gnome.ScreenSaver', path: '/org/gnome/ScreenSaver' },
  { name: 'org.xfce.ScreenSaver', path: '/org/xfce/ScreenSaver' },
  { name: 'org.cinnamon.ScreenSaver', path: '/org/cinnamon/ScreenSaver' },
] as const;

/** One for each screen saver of the session; most sessions have one or two of them. */
export function screenSaverSources(bus: QuietBus): ReadonlyMap<string, QuietSource> {
  return new Map(
    savers.map(({ name, path }) => [
      name,
      (tell) => {
        const value = {
          read: { destination: name, path, interface: name, member: 'GetActive' },
          parse: isTrue,
          // Plasma emits it on more than one path.
          signals: [{ interface: name, member: 'ActiveChanged' }],
          follow: ({ body: [isActive] }: { readonly body: readonly unknown[] }) =>
            isActive === true,
        };
        return watchValue(bus, value, tell);
      },
    ]),
  );
}

const LOGIND = 'org.freedesktop.login1';
const logind = {
  destination: LOGIND,
  path: '/org/freedesktop/login1',
  interface: `${LOGIND}.Manager`,
} as const;
const SESSION = `${LOGIND}.Session`;
/** The session that we are in, or that our user looks at. */
const OWN_SESSION = '/org/freedesktop/login1/session/auto';

const idReply = v.tuple([v.string()]);

/** What logind was told by the lock screen: `LockedHint` of our session (org.freedesktop.login1(5)). On the system bus. */
export function lockedHintSource(bus: QuietBus): QuietSource {
  return (tell) => {
    let stopHint = () => {};
    let current: string | undefined;
    let isStopped = false;
    const find = async (owner: string): Promise<void> => {
      const path = await ownSession(bus).catch(() => undefined);
      if (path === undefined || isStopped || owner !== current) return;
      const where = { destination: LOGIND, path, interface: SESSION };
      stopHint = watchValue(bus, booleanProperty(where, 'LockedHint'), tell);
    };
    const stopName = bus.watchName(LOGIND, (owner) => {
      current = owner;
      stopHint();
      stopHint = () => {};
      tell(false);
      if (owner !== undefined) void find(owner);
    });
    return () => {
      isStopped = true;
      stopName();
      stopHint();
    };
  };
}

/** Signals come from the session's real path, not from that of `auto`. */
async function ownSession(bus: QuietBus): Promise<string> {
  const id = await bus.call({
    ...{ destination: LOGIND, path: OWN_SESSION, interface: 'org.freedesktop.DBus.Properties' },
    ...{ member: 'Get', signature: 'ss', body: [SESSION, 'Id'] },
  });
  const path = await bus.call({
    ...{ ...logind, member: 'GetSession', signature: 's', body: v.parse(idReply, id) },
  });
  return v.parse(idReply, path)[0];
}
