import type { MenuItem } from '../../tray/menu-item.ts';
import { type Variant, variant } from './variant.ts';

/** Properties of an item as com.canonical.dbusmenu has them; what has its default value there may be left out. */
export type MenuProperties = Readonly<Record<string, string | boolean>>;

export const rootProperties: MenuProperties = { 'children-display': 'submenu' };

export function propertiesOf({ label, isEnabled, children }: MenuItem): MenuProperties {
  if (label === '') return { type: 'separator' };
  return {
    // A single underscore marks a mnemonic.
    label: label.replaceAll('_', '__'),
    enabled: isEnabled,
    ...(children === undefined ? {} : rootProperties),
  };
}

/** What is there of the names asked for; no names: all. */
export function picked(properties: MenuProperties, names: readonly unknown[]): [string, Variant][] {
  return Object.entries(properties)
    .filter(([name]) => names.length === 0 || names.includes(name))
    .map(([name, value]) => [name, variantOf(value)]);
}

const defaults: MenuProperties = { type: 'standard', label: '', enabled: true, visible: true };

/** One property, its default where the item has none; undefined for a name that is none. */
export function propertyOf(properties: MenuProperties, name: unknown): Variant | undefined {
  if (typeof name !== 'string') return undefined;
  const value = Object.hasOwn(properties, name)
    ? properties[name]
    : Object.hasOwn(defaults, name)
      ? defaults[name]
      : undefined;
  return value === undefined ? undefined : variantOf(value);
}

/** What changed from one state of an item to the next: properties to set, and names of those that are gone. */
export function changesOf(
  before: MenuProperties,
  after: MenuProperties,
): { readonly set: MenuProperties; readonly gone: readonly string[] } {
  return {
    set: Object.fromEntries(
      Object.entries(after).filter(([name, value]) => before[name] !== value),
    ),
    gone: Object.keys(before).filter((name) => !Object.hasOwn(after, name)),
  };
}

function variantOf(value: string | boolean): Variant {
  return variant(typeof value === 'string' ? 's' : 'b', value);
}
