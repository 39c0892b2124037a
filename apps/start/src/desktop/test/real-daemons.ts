// Real notification daemons under Xvfb, each with what a test needs to see and to do.
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nameOwned, type RealDesktop, startPart, startRealDesktop } from '@telex/testkit';
import { type Bus, openBus } from '../linux/bus.ts';
import { createLinuxNotifications, type LinuxNotifications } from '../linux/linux-notifications.ts';
import { notificationIcon } from '../linux/notification-icon.ts';
import { notificationsTarget, watchNotificationServer } from '../linux/notification-server.ts';
import type { NotificationAction } from '../notifications.ts';
import { rendered } from './fake-notification-server.ts';
import type { NotificationsBench } from './notifications-contract.ts';

const run = promisify(execFile);

export interface RealDaemon {
  readonly desktop: RealDesktop;
  /** An adapter that knows the daemon; ended with the bench. */
  open(): Promise<NotificationsBench & { readonly notifications: LinuxNotifications }>;
  /** As its own switch for "do not disturb" does it. */
  disturb(isAllowed: boolean): Promise<void>;
}

/** Looks again until it is so. */
async function eventually<Value>(
  what: string,
  look: () => Promise<Value>,
  isRight: (value: Value) => boolean,
): Promise<Value> {
  for (let tries = 0; tries < LOOKS; tries += 1) {
    const value = await look();
    if (isRight(value)) return value;
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE_MS);
    });
  }
  throw new Error(`${what}: not within ${(LOOKS * PAUSE_MS) / 1_000} s`);
}
const LOOKS = 600;
const PAUSE_MS = 25;

async function adapter(desktop: RealDesktop) {
  const bus = openBus(desktop.bus);
  const server = watchNotificationServer(bus);
  const notifications = createLinuxNotifications(bus, server, { icon: () => notificationIcon() });
  await new Promise<void>((resolve) => {
    notifications.listen(({ kind }) => {
      if (kind === 'available') resolve();
    });
  });
  return {
    ...{ bus, server, notifications },
    stop() {
      notifications.stop();
      server.stop();
      bus.close();
    },
  };
}

const LABELS: Readonly<Record<NotificationAction, string>> = {
  open: 'Open',
  'mark-read': 'Mark read',
  mute: 'Mute 1 hour',
};

/** `markup`: what its configuration says of it; Debian's says `full`. */
export async function startRealDunst(markup = 'markup = full'): Promise<RealDaemon> {
  const desktop = await startRealDesktop({ daemon: 'dunst' });
  // Its menu is a program of the user's choice that reads lines and writes the chosen one.
  const menu = join(desktop.home, 'menu.sh');
  const wanted = join(desktop.home, 'wanted');
  writeFileSync(menu, `#!/bin/sh\ngrep -m 1 -F "#$(cat '${wanted}') ("\n`);
  chmodSync(menu, 0o700);
  const folder = join(desktop.home, '.config', 'dunst');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'dunstrc'), `[global]\n  dmenu = ${menu}\n  ${markup}\n`);
  await desktop.daemon?.restart();

  const control = { ...notificationsTarget, interface: 'org.dunstproject.cmd0' };
  const properties = { ...notificationsTarget, interface: 'org.freedesktop.DBus.Properties' };
  const displayed = async (bus: Bus) => {
    const [count] = await bus.call({
      ...{ ...properties, member: 'Get', signature: 'ss' },
      body: [control.interface, 'displayedLength'],
    });
    return count;
  };
  return {
    desktop,
    async open() {
      const mine = await adapter(desktop);
      const { bus, notifications } = mine;
      const closeAll = async () => {
        await bus.call({ ...control, member: 'NotificationCloseAll' });
        await eventually(
          'dunst shows nothing',
          () => displayed(bus),
          (count) => count === 0,
        );
      };
      const window = () =>
        desktop.screen.until('a notification of dunst', (windows) =>
          windows.find(({ kind }) => kind === 'Dunst Dunst'),
        );
      const click = async (button: 1 | 2) => {
        const { x, y, width, height } = await window();
        await desktop.screen.click(x + width / 2, y + height / 2, button);
      };
      return {
        notifications,
        // What is closed goes into its history, as the markup that it made of it.
        async seen() {
          await closeAll();
          const [history] = await bus.call({ ...control, member: 'NotificationListHistory' });
          return (history as readonly { readonly message: string }[])
            .toReversed()
            .map(({ message }) => rendered(message))
            .join('\n');
        },
        screen: {
          untilOpen: async (count) => {
            await eventually(
              `dunst shows ${count}`,
              () => displayed(bus),
              (now) => now === count,
            );
          },
          dismiss: () => click(1),
          async choose(action) {
            if (action === 'open') {
              await click(2);
              return;
            }
            writeFileSync(wanted, LABELS[action]);
            await bus.call({ ...control, member: 'ContextMenuCall' });
          },
        },
        async stop() {
          await closeAll();
          mine.stop();
        },
      };
    },
    async disturb(isAllowed) {
      await run('dunstctl', ['set-paused', String(!isAllowed)], { env: desktop.env });
    },
  };
}

export async function startRealXfce(): Promise<RealDaemon> {
  const desktop = await startRealDesktop({ daemon: 'xfce4-notifyd' });
  const set = async (property: string, type: string, value: string) => {
    const words = ['-c', 'xfce4-notifyd', '-p', property, '-n', '-t', type, '-s', value];
    await run('xfconf-query', words, { env: desktop.env });
  };
  await set('/notification-log', 'bool', 'true');
  await set('/log-level', 'uint', '1');
  await desktop.daemon?.restart();
  const log = join(desktop.home, '.cache', 'xfce4', 'notifyd', 'log');
  const windows = async () =>
    (await desktop.screen.windows()).filter(
      ({ kind, height }) => kind === 'xfce4-notifyd Xfce4-notifyd' && height > 20,
    );
  const only = async () => {
    const [first] = await eventually('one notification', windows, ({ length }) => length === 1);
    if (first === undefined) throw new Error('there is none');
    return first;
  };
  return {
    desktop,
    async open() {
      const mine = await adapter(desktop);
      const { notifications } = mine;
      const shown = new Set<string>();
      return {
        notifications: {
          ...notifications,
          show(bubble, notification) {
            shown.add(bubble);
            return notifications.show(bubble, notification);
          },
        },
        seen: () => readLog(log),
        screen: {
          untilOpen: async (count) => {
            await eventually(`${count} are open`, windows, ({ length }) => length === count);
          },
          async dismiss() {
            const { x, y } = await only();
            await desktop.screen.click(x + 8, y + 8);
          },
          async choose(action) {
            const { x, y, width, height } = await only();
            const fromRight = { mute: 62, 'mark-read': 166, open: 271 }[action];
            await desktop.screen.click(x + width - fromRight, y + height - 31);
          },
        },
        async stop() {
          for (const bubble of shown) await notifications.close(bubble);
          await eventually('nothing is open', windows, ({ length }) => length === 0);
          mine.stop();
        },
      };
    },
    disturb: (isAllowed) => set('/do-not-disturb', 'bool', String(!isAllowed)),
  };
}

/** The setting of GNOME that its "do not disturb" is, with the service that keeps it; dconf(7). */
export async function startRealDconf(desktop: RealDesktop) {
  const env = { ...desktop.env, GSETTINGS_BACKEND: 'dconf' };
  const service = await startPart({
    program: '/usr/libexec/dconf-service',
    package: 'dconf-service',
    env,
    ready: (_, signal) => nameOwned(desktop.bus, 'ca.desrt.dconf', signal),
  });
  return {
    env,
    async showBanners(isOn: boolean) {
      const words = ['set', 'org.gnome.desktop.notifications', 'show-banners', String(isOn)];
      await run('gsettings', words, { env });
    },
    stop: () => service.stop(),
  };
}

/** Its log holds bodies as they came. */
function readLog(file: string): string {
  const lines = readFileSync(file, 'utf8').matchAll(/^(summary|body)=(.*)$/gm);
  return [...lines]
    .map(([, key, text = '']) => (key === 'body' ? rendered(text) : text))
    .join('\n');
}
