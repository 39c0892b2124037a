// The menu as com.canonical.dbusmenu, version 3: https://github.com/AyatanaIndicators/libdbusmenu (dbus-menu.xml).
// Hosts differ in what they call: xfce4-panel only the group forms, GNOME and Plasma the single ones.

import { allItems, type MenuItem } from '../../tray/menu-item.ts';
import type { Bus } from './bus.ts';
import { BusError, busErrors } from './bus-error.ts';
import type { ExportedInterface } from './bus-objects.ts';
import {
  changesOf,
  type MenuProperties,
  picked,
  propertiesOf,
  propertyOf,
  rootProperties,
} from './menu-properties.ts';
import type { Variant } from './variant.ts';
import { variant } from './variant.ts';

export const MENU_PATH = '/MenuBar';
const MENU = 'com.canonical.dbusmenu';
const ROOT = 0;

export interface DbusMenu {
  /** Tells hosts what differs from the menu before. */
  show(items: readonly MenuItem[]): void;
}

/** Exports the menu on the bus, empty at first. */
export function exportMenu(
  bus: Pick<Bus, 'exportObject' | 'emit'>,
  listeners: {
    /** The whole menu is about to be shown: the last moment to call `show`. */
    readonly opening: () => void;
    readonly clicked: (item: MenuItem) => void;
  },
): DbusMenu {
  let items: readonly MenuItem[] = [];
  let byId: ReadonlyMap<number, MenuItem> = new Map();
  let revision = 1;

  const childrenOf = (id: number): readonly MenuItem[] =>
    id === ROOT ? items : (byId.get(id)?.children ?? []);
  const find = (id: unknown): MenuProperties | undefined => {
    if (id === ROOT) return rootProperties;
    const item = typeof id === 'number' ? byId.get(id) : undefined;
    return item && propertiesOf(item);
  };
  const known = (id: unknown): { id: number; properties: MenuProperties } => {
    const properties = find(id);
    if (properties === undefined || typeof id !== 'number') {
      throw new BusError(busErrors.invalidArguments, `no menu item ${id} here`);
    }
    return { id, properties };
  };
  /** The answer to GetLayout: id, properties, children down to a depth; -1: all. */
  const layout = (id: number, depth: number, names: readonly unknown[]): readonly unknown[] => {
    const children =
      depth === 0
        ? []
        : childrenOf(id).map((item) => variant('(ia{sv}av)', layout(item.id, depth - 1, names)));
    return [id, picked(find(id) ?? {}, names), children];
  };
  const handle = (id: unknown, event: unknown): boolean => {
    if (id === ROOT) return true;
    const item = typeof id === 'number' ? byId.get(id) : undefined;
    if (item === undefined) return false;
    if (event === 'clicked' && item.isEnabled) listeners.clicked(item);
    return true;
  };
  /** Whether the menu must be read again before it is shown. */
  const opens = (ids: readonly unknown[]): boolean => {
    if (!ids.includes(ROOT)) return false;
    const before = items;
    listeners.opening();
    return items !== before;
  };
  const unknownOf = (ids: readonly unknown[]) => ids.filter((id) => find(id) === undefined);

  const methods: ExportedInterface['methods'] = {
    GetLayout: {
      in: 'iias',
      out: 'u(ia{sv}av)',
      run: ([id, depth, names]) => [
        revision,
        layout(known(id).id, typeof depth === 'number' ? depth : -1, listOf(names)),
      ],
    },
    GetGroupProperties: {
      in: 'aias',
      out: 'a(ia{sv})',
      run([ids, names]) {
        // No ids: all of them.
        const wanted = listOf(ids).length === 0 ? [ROOT, ...byId.keys()] : listOf(ids);
        return [
          wanted.flatMap((id) => {
            const properties = find(id);
            return properties === undefined ? [] : [[id, picked(properties, listOf(names))]];
          }),
        ];
      },
    },
    GetProperty: {
      in: 'is',
      out: 'v',
      run([id, name]): readonly [Variant] {
        const value = propertyOf(known(id).properties, name);
        if (value === undefined) throw new BusError(busErrors.unknownProperty, 'no such property');
        return [value];
      },
    },
    AboutToShow: {
      in: 'i',
      out: 'b',
      run([id]) {
        known(id);
        return [opens([id])];
      },
    },
    AboutToShowGroup: {
      in: 'ai',
      out: 'aiai',
      run: ([ids]) => [opens(listOf(ids)) ? [ROOT] : [], unknownOf(listOf(ids))],
    },
    Event: {
      in: 'isvu',
      out: '',
      run([id, event]) {
        handle(known(id).id, event);
        return [];
      },
    },
    EventGroup: {
      in: 'a(isvu)',
      out: 'ai',
      run([events]) {
        const entries = listOf(events).map(listOf);
        return [entries.filter(([id, event]) => !handle(id, event)).map(([id]) => id)];
      },
    },
  };
  bus.exportObject(MENU_PATH, [
    {
      name: MENU,
      methods,
      properties: {
        Version: { signature: 'u', get: () => 3 },
        TextDirection: { signature: 's', get: () => 'ltr' },
        Status: { signature: 's', get: () => 'normal' },
        IconThemePath: { signature: 'as', get: () => [] },
      },
      signals: {
        LayoutUpdated: 'ui',
        ItemsPropertiesUpdated: 'a(ia{sv})a(ias)',
        ItemActivationRequested: 'iu',
      },
    },
  ]);

  const tell = (member: string, signature: string, body: readonly unknown[]): void =>
    bus.emit({ path: MENU_PATH, interface: MENU, member, signature, body });

  return {
    show(next) {
      const before = byId;
      const hasNewShape = shapeOf(next) !== shapeOf(items);
      items = next;
      byId = new Map([...allItems(next)].map((item) => [item.id, item]));
      if (hasNewShape) {
        revision = revision >= 0xffff_ffff ? 1 : revision + 1;
        tell('LayoutUpdated', 'ui', [revision, ROOT]);
        return;
      }
      const changes = [...byId].flatMap(([id, item]) => {
        const old = before.get(id);
        const { set, gone } = changesOf(
          old === undefined ? {} : propertiesOf(old),
          propertiesOf(item),
        );
        return Object.keys(set).length + gone.length === 0 ? [] : [{ id, set, gone }];
      });
      if (changes.length === 0) return;
      tell('ItemsPropertiesUpdated', 'a(ia{sv})a(ias)', [
        changes
          .filter(({ set }) => Object.keys(set).length > 0)
          .map(({ id, set }) => [id, picked(set, [])]),
        changes.filter(({ gone }) => gone.length > 0).map(({ id, gone }) => [id, gone]),
      ]);
    },
  };
}

/** Which items there are, in which order and nesting. */
function shapeOf(items: readonly MenuItem[]): string {
  return items
    .map(({ id, children }) => (children === undefined ? id : `${id}(${shapeOf(children)})`))
    .join();
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
