import { randomFillSync } from 'node:crypto';

export interface UuidOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Fills the bytes with random ones. */
  readonly fill?: (bytes: Uint8Array) => void;
}

const RANDOM_BYTES = 8;
const IDS_PER_FILL = 256;

/**
 * Makes a source of UUIDs of version 7 (RFC 9562 §5.7, method 1): the ids of one source sort in the
 * order they were made, also within a millisecond and when the clock steps back.
 */
export function uuidV7Source(options: UuidOptions = {}): () => string {
  const now = options.now ?? Date.now;
  const fill = options.fill ?? ((bytes: Uint8Array) => void randomFillSync(bytes));
  const pool = new Uint8Array(RANDOM_BYTES * IDS_PER_FILL);
  const view = new DataView(pool.buffer);
  let used = pool.length;
  let lastMs = 0;
  let counter = 0;
  return () => {
    const ms = now();
    if (ms > lastMs) {
      lastMs = ms;
      counter = 0;
    } else {
      counter += 1;
      if (counter > 0xfff) {
        lastMs += 1;
        counter = 0;
      }
    }
    if (used === pool.length) {
      fill(pool);
      used = 0;
    }
    const high = view.getUint32(used);
    const low = view.getUint32(used + 4);
    used += RANDOM_BYTES;
    const time = hex(lastMs, 12);
    const variant = hex(0x8000 | ((high >>> 16) & 0x3fff), 4);
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(counter, 3)}-${variant}-${hex(high & 0xffff, 4)}${hex(low, 8)}`;
  };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
