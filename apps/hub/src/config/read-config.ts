import { type ChannelValues, channelKeys, type NamespaceValues } from './channel-keys.ts';
import type { Config } from './config.ts';
import { configFaults } from './config-faults.ts';
import { envName, isTree, type Tree, withValue } from './config-tree.ts';
import type { Key } from './key.ts';
import { type KeyValues, keys } from './keys.ts';
import { type OffKey, offChannelKeys, offKeys, refusals } from './off-keys.ts';
import { text as textType } from './types.ts';

export type ConfigRead =
  | { readonly ok: true; readonly config: Config; readonly unknownVariables: readonly string[] }
  | {
      readonly ok: false;
      /** Sentences that begin with the key's path and say what to do. No value of a secret is in them. */
      readonly faults: readonly string[];
    };

export type Environment = Readonly<Record<string, string | undefined>>;

const WITHOUT_NAMESPACE = 'channel.without_namespace';
const NAMESPACES = 'channel.namespaces';

type Rows = Readonly<Record<string, Key<unknown>>>;
interface Rules {
  readonly keys: Rows;
  readonly off: Readonly<Record<string, OffKey>>;
}

const general: Rules = { keys, off: offKeys };
const ofChannels: Rules = { keys: channelKeys, off: offChannelKeys };

/**
 * Reads a Centrifugo v6 configuration. Variables of the environment win over the file. Nothing is passed
 * over: every key that is not obeyed is a fault. The faults of single keys are told together, and when
 * there are none, those of keys that do not go together.
 */
export function readConfig(text: string, env: Environment): ConfigRead {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof SyntaxError ? ` (${jsonFault(error)})` : '';
    return { ok: false, faults: [`The configuration is not JSON${reason}.`] };
  }
  if (!isTree(parsed)) return { ok: false, faults: ['The configuration must be one JSON object.'] };
  const tree = withEnvironment(parsed, env);
  const faults: string[] = [];
  const found = new Map<string, unknown>();
  walk(tree, '', found, faults);
  const config: Config = {
    // Each value came from its own key's reader or is its fallback.
    keys: valuesOf(keys, found, '') as KeyValues,
    withoutNamespace: valuesOf(channelKeys, found, `${WITHOUT_NAMESPACE}.`) as ChannelValues,
    namespaces: readNamespaces(found.get(NAMESPACES), faults),
  };
  if (faults.length === 0) faults.push(...configFaults(config));
  return faults.length === 0
    ? { ok: true, config, unknownVariables: unknownVariables(env) }
    : { ok: false, faults };
}

// --- the tree ----------------------------------------------------------------------------------------

function walk(tree: Tree, prefix: string, found: Map<string, unknown>, faults: string[]): void {
  for (const [name, value] of Object.entries(tree)) {
    const path = prefix + name;
    if (value === null) continue;
    if (path === NAMESPACES) found.set(path, value);
    else if (path === WITHOUT_NAMESPACE) readChannel(value, `${path}.`, found, faults);
    else if (isSection(path)) {
      if (isTree(value)) walk(value, `${path}.`, found, faults);
      else faults.push(`${path} must be an object.`);
    } else readValue(general, path, path, value, found, faults);
  }
}

function isSection(path: string): boolean {
  const start = `${path}.`;
  return [...Object.keys(keys), ...Object.keys(offKeys)].some((known) => known.startsWith(start));
}

function readChannel(
  value: unknown,
  prefix: string,
  found: Map<string, unknown>,
  faults: string[],
): void {
  if (!isTree(value)) {
    faults.push(`${prefix.slice(0, -1)} must be an object.`);
    return;
  }
  for (const [name, option] of Object.entries(value)) {
    if (option !== null) readValue(ofChannels, name, prefix + name, option, found, faults);
  }
}

function readValue(
  rules: Rules,
  name: string,
  path: string,
  value: unknown,
  found: Map<string, unknown>,
  faults: string[],
): void {
  const row = own(rules.keys, name);
  const off = own(rules.off, name);
  const result = (row ?? off)?.type.read(value);
  if (result === undefined) faults.push(`${path} ${refusal(path)}`);
  else if (result.ok) found.set(path, result.value);
  else if (off === undefined) faults.push(`${path} must be ${result.expected}.`);
  else faults.push(`${path} can only be ${result.expected}: ${off.instead}`);
}

function refusal(path: string): string {
  const known = refusals.find(([prefix]) => path.startsWith(prefix));
  return known === undefined
    ? 'is not a key that telex-hub has: remove it, or see docs/hub.md.'
    : `is not supported: ${known[1]}`;
}

function readNamespaces(value: unknown, faults: string[]): NamespaceValues[] {
  const list = typeof value === 'string' ? parseList(value) : (value ?? []);
  if (!Array.isArray(list)) {
    faults.push(`${NAMESPACES} must be a list of objects.`);
    return [];
  }
  return list.map((item: unknown, index) => {
    const prefix = `${NAMESPACES}[${index}].`;
    const found = new Map<string, unknown>();
    const { name, ...options } = isTree(item) ? item : {};
    const named = textType.read(name);
    if (isTree(item) && !named.ok) faults.push(`${prefix}name must be ${named.expected}.`);
    readChannel(isTree(item) ? options : item, prefix, found, faults);
    const values = valuesOf(channelKeys, found, prefix) as ChannelValues;
    return { ...values, name: named.ok ? named.value : '' };
  });
}

function parseList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function valuesOf(table: Rows, found: ReadonlyMap<string, unknown>, prefix: string): Tree {
  return Object.fromEntries(
    Object.entries(table).map(([name, { fallback }]) => {
      const path = prefix + name;
      return [name, found.has(path) ? found.get(path) : fallback];
    }),
  );
}

function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

// --- the environment ---------------------------------------------------------------------------------

/** By the variable's name, the path it stands for. */
function variablePaths(): ReadonlyMap<string, string> {
  const ofChannel = [...Object.keys(channelKeys), ...Object.keys(offChannelKeys)];
  const paths = [
    ...Object.keys(keys),
    ...Object.keys(offKeys),
    ...ofChannel.map((name) => `${WITHOUT_NAMESPACE}.${name}`),
    NAMESPACES,
  ];
  return new Map(paths.map((path) => [envName(path), path]));
}

function withEnvironment(tree: Tree, env: Environment): Tree {
  let result = tree;
  for (const [name, path] of variablePaths()) {
    const value = env[name];
    if (value !== undefined) result = withValue(result, path.split('.'), value);
  }
  return result;
}

/** Variables that look as if they were meant for us and are not read. */
function unknownVariables(env: Environment): string[] {
  const known = variablePaths();
  return Object.keys(env).filter((name) => name.startsWith('CENTRIFUGO_') && !known.has(name));
}

/** Where the text stops being JSON; what stands there may be a secret. */
function jsonFault({ message }: SyntaxError): string {
  return /position \d+(?: \(line \d+ column \d+\))?/.exec(message)?.[0] ?? 'it ends too early';
}
