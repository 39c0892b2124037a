import { createBrowserLogin } from '../../login/browser-login.ts';
import type { DesktopEvent } from '../desktop.ts';
import type { LoginDialog } from '../login-dialog.ts';
import type { Notification, Notifications } from '../notifications.ts';
import { type Bus, openBus } from './bus.ts';
import { systemBusAddress } from './bus-address.ts';
import type { LinuxDesktopPorts } from './linux-desktop-ports.ts';
import { createLinuxNotifications } from './linux-notifications.ts';
import { notificationIcon } from './notification-icon.ts';
import { watchNotificationServer } from './notification-server.ts';
import { watchQuiet } from './quiet/watch-quiet.ts';
import { watchSystemEvents } from './system-events.ts';

/** All of the Linux desktop but its tray. */
export interface DesktopParts {
  readonly notifications: Notifications;
  readonly login: LoginDialog;
  /** Shows a sentence as a notification; several of one turn are shown together. */
  tell(sentence: string): void;
  /** Says that no icon can be seen, and how to go on; its button signs in or opens the main app. */
  tellNoTray(isSignedOut: boolean): void;
  close(): void;
}

export interface DesktopPartsPorts
  extends Pick<LinuxDesktopPorts, 'environment' | 'after' | 'log'> {
  readonly bus: Bus;
  readonly emit: (event: DesktopEvent) => void;
}

/** Names of our own bubbles; those of threads begin otherwise. */
const SAID = 'desktop: said';
const NO_TRAY = 'desktop: no tray';
/** Where there was no system bus for long there will be none: an idle process must not wake up again and again to look for it. */
const SYSTEM_BUS_PAUSES = { firstPauseMs: 30_000, longestPauseMs: 900_000 };

export function openDesktopParts({
  environment,
  after,
  log,
  bus,
  emit,
}: DesktopPartsPorts): DesktopParts {
  const server = watchNotificationServer(bus);
  const notifications = createLinuxNotifications(bus, server, {
    icon: () => notificationIcon(),
    after,
  });
  const systemBus = openBus(systemBusAddress(environment), {
    ...SYSTEM_BUS_PAUSES,
    onFault: (error) => log(`A fault on the system bus: ${error}`),
  });
  const stopSystemEvents = watchSystemEvents({
    bus: systemBus,
    after,
    onHint: () => emit({ kind: 'reconnect' }),
  });
  const stopQuiet = watchQuiet({ session: bus, system: systemBus, server, emit });
  let buttonSignsIn = false;
  notifications.listen((event) => {
    if (event.kind !== 'activated' || event.bubble !== NO_TRAY) return;
    emit({ kind: 'chosen', command: { kind: buttonSignsIn ? 'login' : 'open' } });
  });
  /** It has been logged; where the desktop takes none, that was all. */
  const show = (bubble: string, text: string, actions: Notification['actions']): void => {
    const content = { kind: 'note', title: 'Telex', text } as const;
    const words = { title: 'Telex', body: text, content };
    Promise.resolve(
      notifications.show(bubble, { ...words, sound: false, actions, urgency: 'normal' }),
    ).catch(() => {});
  };
  let said: string[] = [];

  return {
    notifications: withoutOurs(notifications),
    login: createBrowserLogin({ environment, after }),
    tell(sentence) {
      said.push(sentence);
      if (said.length > 1) return;
      setImmediate(() => {
        show(SAID, said.join(' '), []);
        said = [];
      });
    },
    tellNoTray(isSignedOut) {
      buttonSignsIn = isSignedOut;
      const text = `${NO_TRAY_SENTENCE} ${isSignedOut ? 'Sign in with: telex-start login' : 'Its state: telex-start status'}`;
      log(text);
      show(NO_TRAY, text, [{ key: 'open', label: isSignedOut ? 'Login' : 'Open' }]);
    },
    close() {
      stopQuiet();
      stopSystemEvents();
      systemBus.close();
      notifications.stop();
      server.stop();
    },
  };
}

const NO_TRAY_SENTENCE =
  'Telex Start is running, but no panel shows tray icons. On GNOME, install the extension “AppIndicator and KStatusNotifierItem Support”.';

/** Without what happens to our own bubbles: a button of theirs is no thread's. */
function withoutOurs(notifications: Notifications): Notifications {
  return {
    show: (bubble, notification) => notifications.show(bubble, notification),
    close: (bubble) => notifications.close(bubble),
    listen(listener) {
      notifications.listen((event) => {
        const isOurs = 'bubble' in event && (event.bubble === SAID || event.bubble === NO_TRAY);
        if (!isOurs) listener(event);
      });
    },
    get capabilities() {
      return notifications.capabilities;
    },
  };
}
