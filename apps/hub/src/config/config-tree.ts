export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `client.ping_interval` as the environment has it: `CENTRIFUGO_CLIENT_PING_INTERVAL`. */
export function envName(path: string): string {
  return `CENTRIFUGO_${path.toUpperCase().replaceAll('.', '_')}`;
}

/** The tree with a value put at a path, whatever was there. */
export function withValue(tree: Tree, path: readonly string[], value: unknown): Tree {
  const [first, ...rest] = path;
  if (first === undefined) return tree;
  const inner = tree[first];
  return {
    ...tree,
    [first]: rest.length === 0 ? value : withValue(isTree(inner) ? inner : {}, rest, value),
  };
}
