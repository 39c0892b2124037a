// The tray icon as org.kde.StatusNotifierItem: https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/

import type { MenuCommand } from '../../tray/menu-command.ts';
import type { TrayFacts } from '../../tray/tray-facts.ts';
import type { TrayView } from '../../tray/tray-view.ts';
import type { Bus } from './bus.ts';
import type { ExportedInterface } from './bus-objects.ts';
import { exportMenu, MENU_PATH } from './dbus-menu.ts';
import { createTrayIcons } from './tray-icons.ts';

const ITEM_PATH = '/StatusNotifierItem';
const ITEM = 'org.kde.StatusNotifierItem';
const WATCHER = {
  destination: 'org.kde.StatusNotifierWatcher',
  path: '/StatusNotifierWatcher',
} as const;

/** Whether the icon can be seen: a panel has taken it, or there is none. */
export type TrayPresence = 'shown' | 'no-host';

export interface LinuxTray {
  /** Several in one turn are one change, and so are those of the next quarter of a second. */
  show(facts: TrayFacts): void;
  close(): void;
}

/** Hosts read everything again, pixmaps too, after every signal: a flood of messages must not become one of icons. */
export const QUIET_MS = 250;

export interface LinuxTrayPorts {
  readonly bus: Bus;
  readonly viewOf: (facts: TrayFacts) => TrayView;
  /** Shown until `show` is called. */
  readonly initial: TrayFacts;
  readonly onChosen: (command: MenuCommand) => void;
  /** The menu is about to be shown; `show` may be called once more. */
  readonly onOpening: () => void;
  /** Calls back later; the result takes it back. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** Told as soon as it is known, and at each change; nothing is told while the bus is gone. */
  readonly onPresence: (presence: TrayPresence) => void;
}

export function createLinuxTray({
  bus,
  viewOf,
  initial,
  onChosen,
  onOpening,
  after,
  onPresence,
}: LinuxTrayPorts): LinuxTray {
  let facts = initial;
  let view = viewOf(initial);
  let isStale = false;
  let endQuiet: (() => void) | undefined;

  const menu = exportMenu(bus, {
    opening() {
      onOpening();
      refresh();
    },
    clicked: ({ command }) => {
      if (command !== undefined) onChosen(command);
    },
  });
  menu.show(view.menu);

  const signal = (member: string, argument?: string): void =>
    bus.emit({
      ...{ path: ITEM_PATH, interface: ITEM, member },
      ...(argument === undefined ? {} : { signature: 's', body: [argument] }),
    });
  const refresh = (): void => {
    if (!isStale) return;
    isStale = false;
    const before = view;
    view = viewOf(facts);
    menu.show(view.menu);
    if (view.title !== before.title) signal('NewTitle');
    if (view.state !== before.state) {
      signal('NewIcon');
      if (statusOf(view) === 'NeedsAttention') signal('NewAttentionIcon');
    }
    if (view.tooltip.join('\n') !== before.tooltip.join('\n')) signal('NewToolTip');
    if (statusOf(view) !== statusOf(before)) signal('NewStatus', statusOf(view));
  };
  /** What a click on the icon itself does where the host opens no menu. */
  const activate = (): void => {
    if (facts.status.state === 'signed-out') onChosen({ kind: 'login' });
    else if (facts.mainApp.canOpen) onChosen({ kind: 'open' });
  };
  bus.exportObject(ITEM_PATH, [itemInterface(() => view, activate)]);
  keepRegistered(bus, onPresence);
  const tell = (): void => {
    if (!isStale || endQuiet !== undefined) return;
    endQuiet = after(QUIET_MS, () => {
      endQuiet = undefined;
      tell();
    });
    refresh();
  };
  return {
    show(next) {
      facts = next;
      isStale = true;
      if (endQuiet === undefined) setImmediate(tell);
    },
    close: () => endQuiet?.(),
  };
}

/** The item's interface; its pixmaps are drawn when a host first reads them. */
function itemInterface(current: () => TrayView, activate: () => void): ExportedInterface {
  const iconsOf = createTrayIcons();
  const text = (get: () => string) => ({ signature: 's', get });
  const pixmaps = (get: () => unknown) => ({ signature: 'a(iiay)', get });
  const empty = text(() => '');
  const none = pixmaps(() => []);
  const act = (signature: string, run: () => void) => ({
    ...{ in: signature, out: '' },
    run() {
      run();
      return [];
    },
  });
  const nothing = () => {};
  return {
    name: ITEM,
    methods: {
      Activate: act('ii', activate),
      SecondaryActivate: act('ii', activate),
      ContextMenu: act('ii', nothing),
      Scroll: act('is', nothing),
      ProvideXdgActivationToken: act('s', nothing),
    },
    properties: {
      Id: text(() => 'telex-start'),
      Title: text(() => current().title),
      Category: text(() => 'Communications'),
      Status: text(() => statusOf(current())),
      IconName: empty,
      IconThemePath: empty,
      IconPixmap: pixmaps(() => iconsOf(current().state)),
      // Read in place of the icon under NeedsAttention.
      AttentionIconName: empty,
      AttentionIconPixmap: pixmaps(() =>
        statusOf(current()) === 'NeedsAttention' ? iconsOf(current().state) : [],
      ),
      AttentionMovieName: empty,
      OverlayIconName: empty,
      OverlayIconPixmap: none,
      ToolTip: {
        signature: '(sa(iiay)ss)',
        get: () => ['', [], 'Telex', current().tooltip.map(escaped).join('\n')],
      },
      ItemIsMenu: { signature: 'b', get: () => true },
      Menu: { signature: 'o', get: () => MENU_PATH },
      WindowId: { signature: 'i', get: () => 0 },
    },
    signals: {
      NewTitle: '',
      NewIcon: '',
      NewAttentionIcon: '',
      NewOverlayIcon: '',
      NewToolTip: '',
      NewStatus: 's',
    },
  };
}

/** Never `Passive`: hosts hide such icons. */
function statusOf({ state }: TrayView): 'Active' | 'NeedsAttention' {
  return state === 'signed-out' || state === 'unread' ? 'NeedsAttention' : 'Active';
}

/** Hosts render a subset of HTML in tooltips. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Registers with every watcher that appears; each is a new one that knows nothing of us. */
function keepRegistered(bus: Bus, onPresence: (presence: TrayPresence) => void): void {
  let last: TrayPresence | undefined;
  const tell = (presence: TrayPresence): void => {
    if (presence === last) return;
    last = presence;
    onPresence(presence);
  };
  const watcher = { ...WATCHER, interface: WATCHER.destination };

  const register = async (owner: string): Promise<void> => {
    const name = bus.uniqueName;
    if (name === undefined) return;
    const member = 'RegisterStatusNotifierItem';
    await bus.call({ ...watcher, destination: owner, member, signature: 's', body: [name] });
    tell((await hasHost(owner)) ? 'shown' : 'no-host');
  };
  /** A watcher may run without a panel. One that can't say is taken to have one. */
  const hasHost = async (owner: string): Promise<boolean> => {
    const body = [WATCHER.destination, 'IsStatusNotifierHostRegistered'];
    const [answer] = await bus
      .call({
        ...{ ...watcher, destination: owner, interface: 'org.freedesktop.DBus.Properties' },
        ...{ member: 'Get', signature: 'ss', body },
      })
      .catch(() => []);
    return answer !== false;
  };
  bus.watchName(WATCHER.destination, (owner) => {
    if (owner !== undefined) {
      // It has gone again, or does not do its work; the next one is told of.
      register(owner).catch(() => {
        if (bus.uniqueName !== undefined) tell('no-host');
      });
    } else if (bus.uniqueName !== undefined) {
      tell('no-host');
    }
  });
  bus.onSignal(
    {
      ...{ sender: WATCHER.destination, interface: WATCHER.destination },
      member: 'StatusNotifierHostRegistered',
    },
    () => tell('shown'),
  );
}
