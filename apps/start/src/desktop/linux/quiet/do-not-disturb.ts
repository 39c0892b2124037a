// Each daemon has its own place for "do not disturb", so it is looked up for the daemon that shows the notifications: a
// setting of one that isn't used says nothing.
import {
  type NotificationServer,
  type NotificationServerWatch,
  notificationsTarget,
} from '../notification-server.ts';
import { bannersSource, type ReadSetting } from './gnome-banners.ts';
import type { QuietSource } from './quiet-reasons.ts';
import {
  booleanProperty,
  isTrue,
  type QuietBus,
  type WatchedValue,
  watchValue,
} from './watch-value.ts';

/** Follows "do not disturb" of whoever shows the notifications now. */
export function doNotDisturbSource(
  bus: QuietBus,
  server: NotificationServerWatch,
  readSetting: ReadSetting,
): QuietSource {
  return (tell) => {
    let stopSource = () => {};
    let isStopped = false;
    const follow = (now: NotificationServer): void => {
      if (isStopped) return;
      stopSource();
      stopSource = () => {};
      const source = sourceFor(now, bus, readSetting);
      if (source === undefined) tell(false);
      else stopSource = source(tell);
    };
    server.listen((_event, now) => follow(now));
    follow(server.current);
    return () => {
      isStopped = true;
      stopSource();
    };
  };
}

function sourceFor(
  { name }: NotificationServer,
  bus: QuietBus,
  readSetting: ReadSetting,
): QuietSource | undefined {
  switch (name) {
    case 'dunst':
      return (tell) => watchValue(bus, dunst, tell);
    case 'Plasma':
      return (tell) => watchValue(bus, plasma, tell);
    case 'Xfce Notify Daemon':
      return (tell) => watchValue(bus, xfce, tell);
    case 'gnome-shell':
      return bannersSource(bus, readSetting);
    default:
      return undefined;
  }
}

/** dunst(5), D-Bus interface; `dunstctl set-paused`. */
const dunst = booleanProperty(
  { ...notificationsTarget, interface: 'org.dunstproject.cmd0' },
  'paused',
);

/** plasma-workspace, `org.freedesktop.Notifications.xml`: also true while the screen is shared. */
const plasma = booleanProperty(notificationsTarget, 'Inhibited');

const xfconf = {
  destination: 'org.xfce.Xfconf',
  path: '/org/xfce/Xfconf',
  interface: 'org.xfce.Xfconf',
} as const;
const CHANNEL = 'xfce4-notifyd';
const PROPERTY = '/do-not-disturb';

/** xfce4-notifyd keeps it in xfconf; while it was never set, asking is answered by an error. */
const xfce: WatchedValue = {
  read: { ...xfconf, member: 'GetProperty', signature: 'ss', body: [CHANNEL, PROPERTY] },
  parse: isTrue,
  signals: ['PropertyChanged', 'PropertyRemoved'].map((member) => ({
    ...{ path: xfconf.path, interface: xfconf.interface, member, arg0: CHANNEL },
  })),
  follow({ member, body: [, property, value] }) {
    if (property !== PROPERTY) return undefined;
    return member === 'PropertyChanged' && value === true;
  },
};
