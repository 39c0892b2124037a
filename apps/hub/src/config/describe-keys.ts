import { channelKeys } from './channel-keys.ts';
import type { Key } from './key.ts';
import { keys } from './keys.ts';
import { type OffKey, offChannelKeys, offKeys } from './off-keys.ts';

export interface KeyLine {
  readonly path: string;
  readonly type: string;
  /** As it is written in a configuration. */
  readonly fallback: string;
  readonly help: string;
}

/** The keys outside of channels, for documentation. */
export function generalKeyLines(): KeyLine[] {
  return linesOf(keys);
}

/** The options of `channel.without_namespace` and of `channel.namespaces[]`. */
export function channelKeyLines(): KeyLine[] {
  return linesOf(channelKeys);
}

/** Keys that are accepted with one value only, and what to do instead of another. */
export function offKeyLines(): KeyLine[] {
  const line = ([path, { value, type, instead }]: [string, OffKey]): KeyLine => ({
    path,
    type: type.name,
    fallback: JSON.stringify(value),
    help: instead,
  });
  const ofChannels = Object.entries(offChannelKeys).map(([path, row]): [string, OffKey] => [
    `(channel) ${path}`,
    row,
  ]);
  return [...Object.entries(offKeys), ...ofChannels].map(line);
}

function linesOf(table: Readonly<Record<string, Key<unknown>>>): KeyLine[] {
  return Object.entries(table).map(([path, { fallback, type, help }]) => ({
    path,
    type: type.name,
    fallback: type.show(fallback),
    help,
  }));
}
