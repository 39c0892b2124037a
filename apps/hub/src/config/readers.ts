/** The value of a key, or what it must be. In the environment everything is text. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly expected: string };
export type Reader<T> = (input: unknown) => Read<T>;

const read = <T>(value: T): Read<T> => ({ ok: true, value });
const wrong = (expected: string): Read<never> => ({ ok: false, expected });

export const readText: Reader<string> = (input) =>
  typeof input === 'string' ? read(input) : wrong('a text');

export const readSwitch: Reader<boolean> = (input) => {
  if (typeof input === 'boolean') return read(input);
  if (input === 'true') return read(true);
  return input === 'false' ? read(false) : wrong('true or false');
};

export function readWhole(least: number, most = 2 ** 31 - 1): Reader<number> {
  return (input) => {
    const value = typeof input === 'string' && /^\d{1,15}$/.test(input) ? Number(input) : input;
    const fits =
      typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
    return fits ? read(value) : wrong(`a whole number from ${least} to ${most}`);
  };
}

/** A port, which Centrifugo also has as text; `''` is none. */
export const readOptionalPort: Reader<number | undefined> = (input) =>
  input === '' ? read(undefined) : readWhole(1, 65_535)(input);

/** A list of texts, in the environment separated by white space or commas. */
export const readTexts: Reader<readonly string[]> = (input) => {
  const items: unknown = typeof input === 'string' ? input.split(/[\s,]+/).filter(Boolean) : input;
  const isList = Array.isArray(items) && items.every((item) => typeof item === 'string');
  return isList ? read(items) : wrong('a list of texts');
};

export function readOneOf<const Word extends string>(words: readonly Word[]): Reader<Word> {
  return (input) => {
    const found = words.find((word) => word === input);
    return found === undefined
      ? wrong(`one of ${words.map((word) => JSON.stringify(word)).join(', ')}`)
      : read(found);
  };
}

/** The one value that means the same here as in Centrifugo; environment variables have it as text. */
export function readOnly<const Value extends string | number | boolean>(
  value: Value,
): Reader<Value> {
  return (input) =>
    input === value || input === String(value) ? read(value) : wrong(JSON.stringify(value));
}

export const readNoItems: Reader<readonly never[]> = (input) => {
  const isEmpty = (Array.isArray(input) && input.length === 0) || input === '[]' || input === '';
  return isEmpty ? read([]) : wrong('an empty list');
};

const UNITS_MS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};
const PART = /(\d+\.?\d*|\.\d+)(h|ms|m|s|us|µs|ns)/y;
/** Centrifugo caps lifetimes there too (centrifugo.md §2.4). */
const MOST_MS = 365 * 86_400_000;

export interface DurationRange {
  readonly leastMs: number;
  /** Centrifugo refuses fractions of a second for this key. */
  readonly wholeSeconds?: true;
}

/** A duration as Go writes it, such as `25s`, `1m30s` or `500ms`, in milliseconds. */
export function readDuration({ leastMs, wholeSeconds }: DurationRange): Reader<number> {
  const least = leastMs === 0 ? '' : `, at least ${leastMs / 1_000}s`;
  return (input) => {
    const ms = typeof input === 'string' ? durationMs(input) : undefined;
    if (ms === undefined) return wrong(`a duration such as "25s", "1m30s" or "24h"${least}`);
    if (wholeSeconds === true && ms % 1_000 !== 0) return wrong('a duration in whole seconds');
    if (ms < leastMs || ms > MOST_MS) return wrong(`a duration of at most 8760h${least}`);
    return read(Math.round(ms));
  };
}

function durationMs(text: string): number | undefined {
  if (text === '0') return 0;
  let ms = 0;
  let at = 0;
  while (at < text.length) {
    PART.lastIndex = at;
    const part = PART.exec(text);
    if (part === null) return undefined;
    ms += Number(part[1]) * (UNITS_MS[part[2] ?? ''] ?? 0);
    at = PART.lastIndex;
  }
  return text === '' ? undefined : ms;
}
