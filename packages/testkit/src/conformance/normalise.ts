import { isJsonObject } from './json.ts';

/**
 * Makes what differs from run to run comparable: client ids become `client-1`…, epochs `epoch-1`… in the
 * order first seen, so that equal ones stay equal; a ttl becomes `ttl`. The server's version goes, and so
 * does the epoch in the publication of offset 1, which not every server says (T4).
 */
export function createNormaliser(): (value: unknown) => unknown {
  const clients = new Map<string, string>();
  const epochs = new Map<string, string>();
  const named = (names: Map<string, string>, kind: string, text: string) => {
    const known = names.get(text);
    if (known !== undefined) return known;
    const name = `${kind}-${names.size + 1}`;
    names.set(text, name);
    return name;
  };
  const one = (name: string, value: unknown): unknown => {
    if (name === 'client' && typeof value === 'string') return named(clients, 'client', value);
    if (name === 'epoch' && typeof value === 'string' && value !== '') {
      return named(epochs, 'epoch', value);
    }
    if (name === 'ttl' && typeof value === 'number' && Number.isInteger(value) && value > 0) {
      return 'ttl';
    }
    return normalise(value);
  };
  const normalise = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(normalise);
    if (!isJsonObject(value)) return value;
    const isPublication = 'data' in value && 'offset' in value;
    const isConnect = 'client' in value && 'version' in value;
    const entries = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
      if (isPublication && name === 'epoch') return [];
      if (isConnect && name === 'version') return [];
      if (name === 'presence' && isJsonObject(field)) {
        const members = Object.entries(field).map(([client, member]) => [
          named(clients, 'client', client),
          normalise(member),
        ]);
        return [[name, Object.fromEntries(members)]];
      }
      return [[name, one(name, field)]];
    });
    return Object.fromEntries(entries);
  };
  return normalise;
}
