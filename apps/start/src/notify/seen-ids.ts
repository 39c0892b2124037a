/** The last ids seen, in chunks, so that adding one copies little and the oldest go by whole chunks. */
export type SeenIds = readonly ReadonlySet<string>[];

const CHUNK = 64;
const CHUNKS = 64;
/** At least this many of the last ids are remembered. */
export const SEEN_AT_LEAST = CHUNK * (CHUNKS - 1);

export function hasSeen(seen: SeenIds, id: string): boolean {
  return seen.some((chunk) => chunk.has(id));
}

export function addSeen(seen: SeenIds, id: string): SeenIds {
  const [newest, ...older] = seen;
  if (newest === undefined || newest.size >= CHUNK) {
    return [new Set([id]), ...seen.slice(0, CHUNKS - 1)];
  }
  return [new Set(newest).add(id), ...older];
}
