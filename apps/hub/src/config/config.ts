import type { ChannelValues, NamespaceValues } from './channel-keys.ts';
import type { KeyValues } from './keys.ts';

/** A configuration as the program uses it, every key with its value. */
export interface Config {
  readonly keys: KeyValues;
  readonly withoutNamespace: ChannelValues;
  readonly namespaces: readonly NamespaceValues[];
}
