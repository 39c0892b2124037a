import type { Area, RealDesktop, Screen, ScreenWindow } from '@telex/testkit';
import { trayIcon } from '@telex/testkit';
import { openBus } from '../../src/desktop/linux/bus.ts';
import { eventually } from './eventually.ts';

/** A line of the menu as the panel gets it. */
export interface MenuLine {
  readonly id: number;
  /** With single underscores; empty for a separator. */
  readonly label: string;
  readonly isEnabled: boolean;
  readonly children: readonly MenuLine[];
}

/** The tray of Telex Start as the panel shows it; what it says is read over the bus beside it. */
export interface TrayOnScreen {
  /** Waits until the panel has an item. */
  registered(): Promise<void>;
  /** Title, status and the words of the tooltip. */
  facts(): Promise<{ readonly title: string; readonly status: string; readonly tooltip: string }>;
  lines(): Promise<readonly MenuLine[]>;
  /** Opens the menu by a click on the icon. */
  open(): Promise<ScreenWindow>;
  /** Waits until the words of the tooltip are like this. */
  tells(words: RegExp, limitMs?: number): Promise<void>;
  /** Waits until that line of the menu is enabled, or is not. */
  enables(id: number, isEnabled: boolean, limitMs?: number): Promise<void>;
  /** Closes an open menu by Escape. */
  dismiss(menu: ScreenWindow): Promise<void>;
  /** Opens the menu and clicks the line with that id, then one of its submenu. */
  choose(id: number, inner?: number): Promise<void>;
  /** The icon's pixels. */
  icon(): Promise<Buffer>;
  /** Waits until the icon looks different, and gives how it looks then. */
  iconOtherThan(before: Buffer): Promise<Buffer>;
  close(): void;
}

const WATCHER = 'org.kde.StatusNotifierWatcher';
const ITEM = 'org.kde.StatusNotifierItem';
const PROPERTIES = 'org.freedesktop.DBus.Properties';

export function watchTray({ bus: address, screen }: RealDesktop): TrayOnScreen {
  const bus = openBus(address, { longestPauseMs: 200 });

  const property = async (destination: string, path: string, from: string, name: string) => {
    const call = { destination, path, interface: PROPERTIES, member: 'Get' };
    const [value] = await bus.call({ ...call, signature: 'ss', body: [from, name] });
    return value;
  };
  const item = async (): Promise<string> => {
    const path = '/StatusNotifierWatcher';
    const items = await property(WATCHER, path, WATCHER, 'RegisteredStatusNotifierItems');
    const [first] = items as readonly string[];
    if (first === undefined) throw new Error('the panel has no tray item');
    return first.split('/')[0] ?? '';
  };
  const lines = async (): Promise<readonly MenuLine[]> => {
    const call = {
      destination: await item(),
      path: '/MenuBar',
      interface: 'com.canonical.dbusmenu',
    };
    const question = { member: 'GetLayout', signature: 'iias', body: [0, -1, []] };
    const [, root] = await bus.call({ ...call, ...question });
    return readLine(root).children;
  };
  const open: TrayOnScreen['open'] = async () => {
    const before = new Set((await screen.windows()).map(({ id }) => id));
    await screen.click(trayIcon.x + trayIcon.width / 2, trayIcon.y + trayIcon.height / 2);
    return screen.until('the menu', (windows) => menuAmong(windows, before));
  };
  const facts: TrayOnScreen['facts'] = async () => {
    const destination = await item();
    const read = (name: string) => property(destination, '/StatusNotifierItem', ITEM, name);
    const [title, status, tooltip] = await Promise.all(['Title', 'Status', 'ToolTip'].map(read));
    const [, , ...words] = tooltip as readonly unknown[];
    return { title: String(title), status: String(status), tooltip: words.join('\n') };
  };
  const dismiss: TrayOnScreen['dismiss'] = async (menu) => {
    await screen.press('Escape');
    await screen.until('no menu', (windows) => isGone(windows, menu));
  };
  /** A menu that changes just when it opens shows the new lines in the old size: a person opens it once more. */
  const openWhole = () =>
    eventually('a menu as large as its lines', async () => {
      const menu = await open();
      try {
        const shown = await lines();
        return { menu, shown, rows: await rowsOf(screen, menu, shown) };
      } catch (error) {
        await dismiss(menu);
        throw error;
      }
    });
  return {
    registered: () => eventually('a tray item', item).then(() => {}),
    facts,
    tells: (words, limitMs) =>
      eventually(
        `a tooltip like ${words}`,
        async () => {
          const { tooltip } = await facts();
          if (!words.test(tooltip)) throw new Error(tooltip);
        },
        limitMs,
      ),
    enables: (id, isEnabled, limitMs) =>
      eventually(
        `line ${id} ${isEnabled ? 'enabled' : 'disabled'}`,
        async () => {
          const found = (await lines()).find((line) => line.id === id);
          if (found?.isEnabled !== isEnabled) throw new Error(JSON.stringify(found));
        },
        limitMs,
      ),
    lines,
    open,
    dismiss,
    async choose(id, inner) {
      const { menu, shown, rows } = await openWhole();
      const before = new Set((await screen.windows()).map((window) => window.id));
      await screen.click(xOf(menu), rowOf(rows, shown, id));
      if (inner !== undefined) {
        const submenu = await screen.until('the submenu', (now) => menuAmong(now, before));
        const children = shown.find((line) => line.id === id)?.children ?? [];
        const row = rowOf(await rowsOf(screen, submenu, children), children, inner);
        await screen.click(xOf(submenu), row);
      }
      await screen.until('the menu gone', (windows) => isGone(windows, menu));
    },
    icon: () => screen.pixels(trayIcon),
    iconOtherThan: (before) =>
      eventually('another icon', async () => {
        const now = await screen.pixels(trayIcon);
        if (now.equals(before)) throw new Error('it looks as before');
        return now;
      }),
    close: () => bus.close(),
  };
}

function xOf(menu: Area): number {
  return menu.x + Math.min(40, menu.width / 2);
}

function menuAmong(
  windows: readonly ScreenWindow[],
  before: ReadonlySet<string>,
): ScreenWindow | undefined {
  return windows.find(
    ({ id, width, height, kind }) =>
      !before.has(id) && width > 60 && height > 40 && /wrapper-2\.0|xfce4-panel/i.test(kind),
  );
}

function isGone(windows: readonly ScreenWindow[], menu: ScreenWindow): true | undefined {
  return windows.some(({ id }) => id === menu.id) ? undefined : true;
}

/**
 * Where the lines of a menu are, from top to bottom. GTK draws a menu into one window, so rows are found by its separators,
 * the only thing that reaches the left edge; between them all lines are of one height.
 */
async function rowsOf(
  screen: Screen,
  menu: Area,
  lines: readonly MenuLine[],
): Promise<readonly number[]> {
  const column = await screen.pixels({ x: menu.x + 4, y: menu.y, width: 1, height: menu.height });
  const at = (row: number) => column.subarray(row * 3, row * 3 + 3);
  const middle = Math.floor(menu.height / 2);
  const colours = Array.from({ length: menu.height }, (_, row) => at(row).toString('hex'));
  const counts = new Map<string, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const [background = at(middle).toString('hex')] =
    [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  // The border at both ends is none.
  const separators = colours.flatMap((colour, row) =>
    colour !== background && row > 3 && row < menu.height - 4 ? [row] : [],
  );
  const groups: MenuLine[][] = [[]];
  for (const line of lines) {
    if (line.label === '') groups.push([]);
    else groups.at(-1)?.push(line);
  }
  if (separators.length !== groups.length - 1) {
    throw new Error(`${separators.length} separators seen, of ${groups.length - 1}`);
  }
  const edges = [0, ...separators, menu.height];
  const heights = groups.map(
    (group, index) => ((edges[index + 1] ?? 0) - (edges[index] ?? 0)) / group.length,
  );
  if (Math.max(...heights) > Math.min(...heights) * 1.3) {
    throw new Error(`lines of different heights: ${heights}`);
  }
  return groups.flatMap((group, index) => {
    const top = menu.y + (edges[index] ?? 0);
    const rows = group.map((_, place) => Math.round(top + (heights[index] ?? 0) * (place + 0.5)));
    return index === 0 ? rows : [Number.NaN, ...rows];
  });
}

function rowOf(rows: readonly number[], lines: readonly MenuLine[], id: number): number {
  const row = rows[lines.findIndex((line) => line.id === id)];
  if (row === undefined || Number.isNaN(row)) throw new Error(`the menu has no line ${id}`);
  return row;
}

function readLine(value: unknown): MenuLine {
  const [id, properties, children] = value as [number, Record<string, unknown>, unknown[]];
  const { label = '', enabled = true } = properties;
  return {
    id,
    label: String(label).replaceAll('__', '_'),
    isEnabled: enabled !== false,
    children: children.map(readLine),
  };
}
