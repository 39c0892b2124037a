export type JsonObject = { readonly [name: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at a path such as `subscribe.offset`; undefined where there is nothing. */
export function at(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split('.')) {
    found = isJsonObject(found) ? found[name] : undefined;
  }
  return found;
}

/** The string at a path; throws where there is none. */
export function textAt(value: unknown, path: string): string {
  const found = at(value, path);
  if (typeof found === 'string') return found;
  throw new Error(`no string at ${path} of ${JSON.stringify(value)}`);
}

/** The number at a path, 0 where there is nothing: the protocol leaves zeros out. Throws for anything else. */
export function numberAt(value: unknown, path: string): number {
  const found = at(value, path) ?? 0;
  if (typeof found === 'number') return found;
  throw new Error(`no number at ${path} of ${JSON.stringify(value)}`);
}

/** The list at a path; throws where there is none. */
export function listAt(value: unknown, path: string): readonly unknown[] {
  const found = at(value, path);
  if (Array.isArray(found)) return found;
  throw new Error(`no list at ${path} of ${JSON.stringify(value)}`);
}

/** Both together, what `over` says where they meet; objects are merged, all else is replaced. */
export function merge(base: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(over)) {
    const known = merged[name];
    merged[name] = isJsonObject(known) && isJsonObject(value) ? merge(known, value) : value;
  }
  return merged;
}

/** The same text for the same content, in whatever order the names were written. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value) ?? 'null';
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}
