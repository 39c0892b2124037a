// Parts of Xfce and its like on a private display and bus: https://docs.xfce.org/
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nameOwned } from './bus-name.ts';
import { type Part, startPart } from './part.ts';
import { runTool } from './run-tool.ts';
import type { Screen } from './screen.ts';

/** What every part of a desktop session shares. */
export interface Session {
  /** Address of the session bus. */
  readonly bus: string;
  readonly screen: Screen;
  /** Home and XDG folders, display and bus. */
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
}

/** Where the panel shows the tray: its first icon is at the left end. */
export const trayIcon = { x: 0, y: 0, width: 26, height: 32 };

/** Answers for the settings of Xfce; an ordinary session bus starts it by itself. */
export function startXfconf(session: Session): Promise<Part> {
  return startPart({
    program: libraryProgram('xfce4/xfconf/xfconfd'),
    package: 'xfconf',
    env: session.env,
    ready: (_, signal) => nameOwned(session.bus, 'org.xfce.Xfconf', signal),
  });
}

/** A panel along the upper edge that holds nothing but the tray. */
export function startPanel(session: Session): Promise<Part> {
  const folder = join(session.home, '.config/xfce4/xfconf/xfce-perchannel-xml');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'xfce4-panel.xml');
  if (!existsSync(file)) writeFileSync(file, panelLayout);
  return startPart({
    program: 'xfce4-panel',
    package: 'xfce4-panel',
    arguments: ['--disable-wm-check'],
    env: session.env,
    async ready(_, signal) {
      await nameOwned(session.bus, 'org.kde.StatusNotifierWatcher', signal);
      await session.screen.until('the panel', (windows) =>
        windows.find(({ kind, width }) => kind === 'xfce4-panel Xfce4-panel' && width > 1_000),
      );
    },
  });
}

const NOTIFICATIONS = 'org.freedesktop.Notifications';

export function startDunst(session: Session): Promise<Part> {
  return startPart({
    program: 'dunst',
    package: 'dunst',
    env: session.env,
    ready: (_, signal) => nameOwned(session.bus, NOTIFICATIONS, signal),
  });
}

export function startXfceNotifyd(session: Session): Promise<Part> {
  return startPart({
    program: libraryProgram('xfce4/notifyd/xfce4-notifyd'),
    package: 'xfce4-notifyd',
    env: session.env,
    ready: (_, signal) => nameOwned(session.bus, NOTIFICATIONS, signal),
  });
}

/** A window manager; panel and dialog do without one. */
export function startOpenbox({ env }: Pick<Session, 'env'>): Promise<Part> {
  return startPart({
    program: 'openbox',
    package: 'openbox',
    env,
    ready: (_, signal) => windowManagerThere(env, signal),
  });
}

const LOOK_AGAIN_MS = 50;

/** Every window manager names its own window there, once it manages: https://specifications.freedesktop.org/wm-spec/ */
async function windowManagerThere(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const words = ['-root', '_NET_SUPPORTING_WM_CHECK'];
  for (;;) {
    const answer = await runTool('xprop', words, { package: 'x11-utils', env });
    if (answer.includes('window id')) return;
    await delay(LOOK_AGAIN_MS, undefined, { signal });
  }
}

/** Debian puts such programs under the name of the architecture. */
function libraryProgram(path: string): string {
  const folders = ['x86_64-linux-gnu', 'aarch64-linux-gnu', '.'];
  const found = folders.map((folder) => join('/usr/lib', folder, path)).find(existsSync);
  return found ?? join('/usr/lib', path);
}

const panelLayout = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
`;
