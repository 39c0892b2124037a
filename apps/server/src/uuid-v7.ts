import { randomFillSync } from 'node:crypto';

export interface UuidOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Fills the bytes with random ones. */
  readonly fill?: (bytes: Uint8Array) => void;
}

const RANDOM_BYTES = 8;
const IDS_PER_FILL = 256;
/** The first digit of the fourth group: the bits 10 and two random ones. */
const VARIANTS = '89ab';

/**
 * Makes a source of UUIDs of version 7 (RFC 9562 §5.7, method 1): the ids of one source sort in the
 * order they were made, also within a millisecond and when the clock steps back.
 */
export function uuidV7Source(options: UuidOptions = {}): () => string {
  const now = options.now ?? Date.now;
  const fill = options.fill ?? ((bytes: Uint8Array) => void randomFillSync(bytes));
  const bytes = new Uint8Array(RANDOM_BYTES * IDS_PER_FILL);
  /** The random bytes as hexadecimal digits. */
  let pool = '';
  let used = 0;
  let lastMs = 0;
  let counter = 0;
  let time = timeDigits(lastMs);
  return () => {
    const ms = now();
    if (ms > lastMs || counter === 0xfff) {
      lastMs = Math.max(ms, lastMs + 1);
      counter = 0;
      time = timeDigits(lastMs);
    } else {
      counter += 1;
    }
    if (used === pool.length) {
      fill(bytes);
      pool = Buffer.from(bytes).toString('hex');
      used = 0;
    }
    const random = pool.slice(used, used + 2 * RANDOM_BYTES);
    used += 2 * RANDOM_BYTES;
    const variant = VARIANTS[Number.parseInt(random.slice(0, 1), 16) & 3];
    return `${time}-7${hex(counter, 3)}-${variant}${random.slice(1, 4)}-${random.slice(4)}`;
  };
}

function timeDigits(ms: number): string {
  const digits = hex(ms, 12);
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
