import { type BusProcess, createFakeClock, type FakeClock, launchBus } from '@telex/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MenuCommand } from '../../tray/menu-command.ts';
import { itemIds } from '../../tray/menu-item.ts';
import { factsOf, live, offline, plainTimes, signedOut } from '../../tray/test/facts.ts';
import { createTrayView } from '../../tray/tray-view.ts';
import { type Bus, openBus } from './bus.ts';
import { type FakeTrayHost, startFakeTrayHost } from './test/fake-tray-host.ts';
import { createLinuxTray, type LinuxTray, QUIET_MS, type TrayPresence } from './tray.ts';
import { variant } from './variant.ts';

let daemon: BusProcess;
const toClose: { close(): void }[] = [];

beforeEach(async () => {
  daemon = await launchBus();
});
afterEach(async () => {
  for (const each of toClose.splice(0)) each.close();
  await daemon.stop();
});

interface Bench {
  readonly bus: Bus;
  readonly tray: LinuxTray;
  readonly clock: FakeClock;
  readonly chosen: MenuCommand[];
  readonly presence: TrayPresence[];
  /** Called when the menu is about to be shown. */
  opening: () => void;
  /** Waits for this many words about the presence. */
  told(count: number): Promise<readonly TrayPresence[]>;
}

function openTray(): Bench {
  const bus = openBus(daemon.address, { firstPauseMs: 5, longestPauseMs: 20 });
  toClose.push(bus);
  const chosen: MenuCommand[] = [];
  const presence: TrayPresence[] = [];
  let look = () => {};
  const clock = createFakeClock();
  const tray = createLinuxTray({
    ...{ bus, after: clock.after },
    viewOf: createTrayView(plainTimes),
    initial: factsOf(signedOut, { mainApp: { isOpen: false, canOpen: false } }),
    onChosen: (command) => chosen.push(command),
    onOpening: () => bench.opening(),
    onPresence(now) {
      presence.push(now);
      look();
    },
  });
  const bench = { opening: () => {} };
  const told = (count: number) =>
    new Promise<readonly TrayPresence[]>((resolve) => {
      look = () => {
        if (presence.length >= count) resolve(presence);
      };
      look();
    });
  return Object.assign(bench, { bus, tray, clock, chosen, presence, told });
}

async function startHost(hasHost = true): Promise<FakeTrayHost> {
  const host = await startFakeTrayHost(daemon.address, hasHost);
  toClose.push(host);
  return host;
}

async function ready() {
  const bench = openTray();
  const host = await startHost();
  await host.registered(1);
  return Object.assign(bench, { host });
}

type Layout = readonly [number, Readonly<Record<string, unknown>>, readonly Layout[]];

async function layoutOf(host: FakeTrayHost, id = 0, depth = -1, names: string[] = []) {
  const [revision, layout] = await host.menuCall('GetLayout', 'iias', [id, depth, names]);
  return { revision, layout: layout as Layout };
}

describe('the item', () => {
  test('[Y9] it answers every property that a host asks for', async () => {
    const { host } = await ready();
    const item = await host.item();
    expect(item).toMatchObject({
      ...{ Id: 'telex-start', Title: 'Telex: signed out', Category: 'Communications' },
      ...{ Status: 'NeedsAttention', IconName: '', IconThemePath: '', OverlayIconPixmap: [] },
      ...{ AttentionIconName: '', OverlayIconName: '', AttentionMovieName: '' },
      ToolTip: ['', [], 'Telex', 'Nobody is signed in.'],
      ...{ ItemIsMenu: true, Menu: '/MenuBar', WindowId: 0 },
    });
    expect(item.AttentionIconPixmap).toEqual(item.IconPixmap);
  });

  test('its pixmaps have the sizes they say, and one pixel is alpha, red, green, blue', async () => {
    const { host, tray } = await ready();
    tray.show(factsOf(live));
    await host.signalled('NewIcon');
    const { IconPixmap } = await host.item();
    const pixmaps = IconPixmap as [number, number, Buffer][];
    expect(pixmaps.map(([width]) => width)).toEqual([16, 22, 24, 32, 48, 64]);
    for (const [width, height, bytes] of pixmaps) expect(bytes).toHaveLength(4 * width * height);
    const [, , large = Buffer.alloc(0)] = pixmaps.at(-1) ?? [];
    const pixel = (x: number, y: number) => [...large.subarray((y * 64 + x) * 4).subarray(0, 4)];
    expect(pixel(8, 30)).toEqual([0xff, 0x2f, 0x6f, 0xe4]);
    expect(pixel(0, 63)).toEqual([0, 0, 0, 0]);
  });

  test('[Y5] the pixmaps of a state are drawn once', async () => {
    const { createTrayIcons } = await import('./tray-icons.ts');
    const icons = createTrayIcons();
    expect(icons('ok')).toBe(icons('ok'));
    expect(icons('ok')).not.toBe(icons('unread'));
  });

  test('[Y4] tooltip text is no markup', async () => {
    const { host, tray } = await ready();
    tray.show(factsOf({ sentence: 'Live: <b>A & B</b>.' }));
    await host.signalled('NewToolTip');
    const { ToolTip } = await host.item();
    expect(ToolTip).toEqual([
      '',
      [],
      'Telex',
      'Live: &lt;b&gt;A &amp; B&lt;/b&gt;.\nSigned in as ana_b@example.com.',
    ]);
  });

  test('its methods never fail; a click signs in, or opens the main app', async () => {
    const { host, tray, chosen } = await ready();
    await host.itemCall('Activate', 'ii', [1, 1]);
    tray.show(factsOf(live));
    await host.itemCall('SecondaryActivate', 'ii', [1, 1]);
    await host.itemCall('ContextMenu', 'ii', [1, 1]);
    await host.itemCall('Scroll', 'is', [1, 'vertical']);
    await host.itemCall('ProvideXdgActivationToken', 's', ['token']);
    expect(chosen).toEqual([{ kind: 'login' }, { kind: 'open' }]);
  });

  test('[Y6] several changes in one turn send one signal each, and nothing changed sends none', async () => {
    const { host, tray, clock } = await ready();
    await host.item();
    for (const unread of [1, 2, 3]) tray.show(factsOf({ unread }));
    await host.signalled('NewToolTip');
    await host.settled();
    expect(host.signals.filter((signal) => !signal.startsWith('Layout'))).toEqual([
      ...['NewTitle', 'NewIcon', 'NewAttentionIcon', 'NewToolTip'],
    ]);
    expect((await host.item()).Title).toBe('Telex: unread messages');
    const before = host.signals.length;
    await clock.advance(QUIET_MS);
    tray.show(factsOf({ unread: 3 }));
    await new Promise(setImmediate);
    await host.settled();
    expect(host.signals).toHaveLength(before);
    await clock.advance(QUIET_MS);
    tray.show(factsOf({ unread: 0 }));
    await host.signalled('NewStatus Active', before);
  });

  test('[Y6] a flood of changes is told at once and then four times a second, the last of it too', async () => {
    const { host, tray, clock } = await ready();
    for (let unread = 1; unread <= 1_000; unread += 1) {
      tray.show(factsOf({ unread }));
      await clock.advance(1);
      await new Promise(setImmediate);
    }
    await clock.advance(QUIET_MS);
    await host.settled();
    expect(host.signals.filter((signal) => signal === 'NewToolTip')).toHaveLength(5);
    expect(JSON.stringify((await host.item()).ToolTip)).toContain('1000 unread threads');
    await clock.advance(QUIET_MS);
    expect(clock.pending).toBe(0);
  });
});

describe('the menu', () => {
  test('[Y2] [Y9] the whole of it, and one level, with all properties and with some', async () => {
    const { host } = await ready();
    const whole = (await layoutOf(host)).layout;
    expect(whole[0]).toBe(0);
    expect(whole[1]).toEqual({ 'children-display': 'submenu' });
    const five = whole[2].filter(([id]) => id <= itemIds.exit);
    expect(five.map(([id, { label, enabled }]) => [id, label, enabled])).toEqual([
      [1, 'Login…', true],
      [2, 'Open Main App', false],
      [3, 'Close Main App', false],
      [4, 'Test Notifications', true],
      [5, 'Exit', true],
    ]);
    const pause = whole[2].find(([id]) => id === itemIds.pause);
    expect(pause?.[1]).toMatchObject({ 'children-display': 'submenu' });
    expect(pause?.[2].map(([, { label }]) => label)).toEqual([
      ...['30 minutes', '1 hour', 'Until tomorrow'],
    ]);

    const shallow = (await layoutOf(host, 0, 1)).layout;
    expect(shallow[2].every(([, , children]) => children.length === 0)).toBe(true);
    expect((await layoutOf(host, 0, 0)).layout[2]).toEqual([]);
    const sub = (await layoutOf(host, itemIds.pause, 1, ['label'])).layout;
    expect(sub[1]).toEqual({ label: 'Pause notifications' });
    expect(sub[2].map(([, properties]) => Object.keys(properties))).toEqual([
      ...[['label'], ['label'], ['label']],
    ]);
    await expect(layoutOf(host, 999)).rejects.toMatchObject({ name: 'BusError' });
  });

  test('[Y9] properties of a group, id 0 included, unknown ids left out', async () => {
    const { host } = await ready();
    const [group] = await host.menuCall('GetGroupProperties', 'aias', [
      ...[[0, 1, 2, 3, 4, 5, 999], []],
    ]);
    expect(group).toEqual([
      [0, { 'children-display': 'submenu' }],
      [1, { label: 'Login…', enabled: true }],
      [2, { label: 'Open Main App', enabled: false }],
      [3, { label: 'Close Main App', enabled: false }],
      [4, { label: 'Test Notifications', enabled: true }],
      [5, { label: 'Exit', enabled: true }],
    ]);
    const [labels] = await host.menuCall('GetGroupProperties', 'aias', [[5], ['label']]);
    expect(labels).toEqual([[5, { label: 'Exit' }]]);
    const [all] = await host.menuCall('GetGroupProperties', 'aias', [[], ['enabled']]);
    expect((all as unknown[]).length).toBeGreaterThan(10);
  });

  test('one property, its default, and one that is none', async () => {
    const { host } = await ready();
    const get = (id: number, name: string) => host.menuCall('GetProperty', 'is', [id, name]);
    expect(await get(5, 'label')).toEqual(['Exit']);
    expect(await get(5, 'visible')).toEqual([true]);
    expect(await get(itemIds.beforeExit, 'type')).toEqual(['separator']);
    await expect(get(5, 'constructor')).rejects.toMatchObject({ name: 'BusError' });
    await expect(get(999, 'label')).rejects.toMatchObject({ name: 'BusError' });
  });

  test('[Y9] a click arrives alone and in a group; unknown ids come back; what is grey does nothing', async () => {
    const { host, chosen } = await ready();
    const event = (id: number, kind = 'clicked') => [id, kind, variant('i', 0), 7];
    await host.menuCall('Event', 'isvu', [4, 'clicked', variant('s', ''), 0]);
    const [errors] = await host.menuCall('EventGroup', 'a(isvu)', [
      [event(5), event(999), event(2), event(itemIds.pause1h), event(0), event(1, 'opened')],
    ]);
    expect(errors).toEqual([999]);
    await host.menuCall('Event', 'isvu', event(0, 'opened'));
    await host.menuCall('Event', 'isvu', event(0, 'closed'));
    expect(chosen).toEqual([{ kind: 'test' }, { kind: 'exit' }, { kind: 'pause', length: '1h' }]);
    await expect(host.menuCall('Event', 'isvu', event(999))).rejects.toMatchObject({
      name: 'BusError',
    });
  });

  test('hosts may announce that they show it', async () => {
    const { host } = await ready();
    expect(await host.menuCall('AboutToShow', 'i', [0])).toEqual([false]);
    expect(await host.menuCall('AboutToShow', 'i', [itemIds.pause])).toEqual([false]);
    expect(await host.menuCall('AboutToShowGroup', 'ai', [[0, 999]])).toEqual([[], [999]]);
  });

  test('what changes when it is about to be shown is in it', async () => {
    const bench = await ready();
    const { host, tray } = bench;
    bench.opening = () => tray.show(factsOf(live));
    expect(await host.menuCall('AboutToShowGroup', 'ai', [[0]])).toEqual([[0], []]);
    const [label] = await host.menuCall('GetProperty', 'is', [1, 'label']);
    expect(label).toContain('Login: ana');
    bench.opening = () => tray.show(factsOf(offline));
    expect(await host.menuCall('AboutToShow', 'i', [0])).toEqual([true]);
  });

  test('[Y4] an underscore is doubled, so that it shows as one', async () => {
    const { host, tray } = await ready();
    tray.show(factsOf(live));
    await host.signalled('LayoutUpdated');
    const [label] = await host.menuCall('GetProperty', 'is', [1, 'label']);
    expect(label).toBe('Login: ana__b@example.com');
  });

  test('[Y6] a new shape raises the revision; changed words alone are told as properties', async () => {
    const { host, tray, clock } = await ready();
    const { revision } = await layoutOf(host);
    tray.show(factsOf(live));
    await host.signalled(`LayoutUpdated ${Number(revision) + 1} 0`);
    expect((await layoutOf(host)).revision).toBe(Number(revision) + 1);
    const before = host.signals.length;
    await clock.advance(QUIET_MS);
    tray.show(factsOf({ sentence: 'Live: other.' }, { mainApp: { isOpen: true, canOpen: true } }));
    await host.signalled('ItemsPropertiesUpdated', before);
    await host.settled();
    expect(host.signals.slice(before)).toEqual([
      `ItemsPropertiesUpdated ${JSON.stringify([
        [
          [itemIds.state, { label: 'Live: other.' }],
          [itemIds.closeMainApp, { enabled: true }],
        ],
        [],
      ])}`,
      'NewToolTip',
    ]);
  });
});

describe('panels come and go', () => {
  test('[Y7] the icon registers by its unique name with each watcher that appears', async () => {
    const { bus, told } = openTray();
    expect(await told(1)).toEqual(['no-host']);
    const first = await startHost();
    expect(await first.registered(1)).toBe(bus.uniqueName);
    expect(await told(2)).toEqual(['no-host', 'shown']);
    first.close();
    expect(await told(3)).toEqual(['no-host', 'shown', 'no-host']);
    const second = await startHost();
    await second.registered(1);
    expect((await layoutOf(second)).layout[2].length).toBeGreaterThan(5);
  });

  test('[Y7] a bus that is killed and started again on the same path', async () => {
    const { host, tray, bus } = await ready();
    const first = bus.uniqueName;
    expect(first).toBeDefined();
    const lost = new Promise<void>((resolve) =>
      bus.onState((state) => {
        if (state === 'lost') resolve();
      }),
    );
    await daemon.kill();
    await lost;
    tray.show(factsOf(offline));
    await daemon.restart();
    expect(await host.registered(2)).toBe(bus.uniqueName);
    const item = await host.item();
    expect(item.Title).toBe('Telex: offline');
    expect((await layoutOf(host)).layout[2].map(([id]) => id)).toContain(itemIds.reconnect);
  });

  test('a watcher without a panel is no host until one registers', async () => {
    const { told } = openTray();
    const host = await startHost(false);
    await host.registered(1);
    expect((await told(1)).at(-1)).toBe('no-host');
    await host.settled();
    host.setHost(true);
    expect((await told(2)).at(-1)).toBe('shown');
  });
});
