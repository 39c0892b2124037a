/** A value read, or what it must be. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly expected: string };

/** What a key can hold. In the environment everything is text. */
export interface Type<T> {
  /** For the documentation. */
  readonly name: string;
  read(input: unknown): Read<T>;
  /** As it is written in a configuration. */
  show(value: T): string;
}

const read = <T>(value: T): Read<T> => ({ ok: true, value });
const wrong = (expected: string): Read<never> => ({ ok: false, expected });
const json = (value: unknown) => JSON.stringify(value);

export const text: Type<string> = {
  name: 'text',
  read: (input) => (typeof input === 'string' ? read(input) : wrong('a text')),
  show: json,
};

/** Named otherwise in the documentation, and never shown. */
export const secretText: Type<string> = { ...text, name: 'secret', show: () => '""' };

export const trueOrFalse: Type<boolean> = {
  name: 'true or false',
  read: (input) => {
    if (typeof input === 'boolean') return read(input);
    if (input === 'true') return read(true);
    return input === 'false' ? read(false) : wrong('true or false');
  },
  show: json,
};

export function whole(least: number, most = 2 ** 31 - 1): Type<number> {
  return {
    name: 'number',
    read: (input) => {
      const value = typeof input === 'string' && /^\d{1,15}$/.test(input) ? Number(input) : input;
      const fits =
        typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
      return fits ? read(value) : wrong(`a whole number from ${least} to ${most}`);
    },
    show: json,
  };
}

const port = whole(1, 65_535);

/** Centrifugo has it as text too; `""` is none. */
export const optionalPort: Type<number | undefined> = {
  name: 'number',
  read: (input) => (input === '' ? read(undefined) : port.read(input)),
  show: (value) => json(value ?? ''),
};

/** In the environment separated by white space or commas. */
export const texts: Type<readonly string[]> = {
  name: 'list of texts',
  read: (input) => {
    const items: unknown =
      typeof input === 'string' ? input.split(/[\s,]+/).filter(Boolean) : input;
    const isList = Array.isArray(items) && items.every((item) => typeof item === 'string');
    return isList ? read(items) : wrong('a list of texts');
  },
  show: json,
};

export function oneOf<const Word extends string>(words: readonly Word[]): Type<Word> {
  return {
    name: 'text',
    read: (input) => {
      const found = words.find((word) => word === input);
      return found === undefined ? wrong(`one of ${words.map(json).join(', ')}`) : read(found);
    },
    show: json,
  };
}

/** The one value that means the same here as in Centrifugo; environment variables have it as text. */
export function only<const Value extends string | number | boolean>(value: Value): Type<Value> {
  return {
    name: typeof value,
    read: (input) =>
      input === value || input === String(value) ? read(value) : wrong(json(value)),
    show: json,
  };
}

export const nothing: Type<readonly never[]> = {
  name: 'list',
  read: (input) => {
    const isEmpty = (Array.isArray(input) && input.length === 0) || input === '[]' || input === '';
    return isEmpty ? read([]) : wrong('an empty list');
  },
  show: json,
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

/** As Go writes it, such as `25s`, `1m30s` or `500ms`; read as milliseconds. */
export function duration({ leastMs, wholeSeconds }: DurationRange): Type<number> {
  const least = leastMs === 0 ? '' : `, at least ${leastMs / 1_000}s`;
  return {
    name: 'duration',
    read: (input) => {
      const ms = typeof input === 'string' ? durationMs(input) : undefined;
      if (ms === undefined) return wrong(`a duration such as "25s", "1m30s" or "24h"${least}`);
      if (wholeSeconds === true && ms % 1_000 !== 0) return wrong('a duration in whole seconds');
      if (ms < leastMs || ms > MOST_MS) return wrong(`a duration of at most 8760h${least}`);
      return read(Math.round(ms));
    },
    show: (ms) => json(ms > 0 && ms % 3_600_000 === 0 ? `${ms / 3_600_000}h` : `${ms / 1_000}s`),
  };
}

function durationMs(given: string): number | undefined {
  if (given === '0') return 0;
  let ms = 0;
  let at = 0;
  while (at < given.length) {
    PART.lastIndex = at;
    const part = PART.exec(given);
    if (part === null) return undefined;
    ms += Number(part[1]) * (UNITS_MS[part[2] ?? ''] ?? 0);
    at = PART.lastIndex;
  }
  return given === '' ? undefined : ms;
}
