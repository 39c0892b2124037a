/** What a reader makes of a value from a flag, the environment (text) or the file (JSON). */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      /** What must stand there, to follow "must be". */
      readonly expected: string;
    };
export type Reader<T> = (input: unknown) => Read<T>;

const read = <T>(value: T): Read<T> => ({ ok: true, value });
const wrong = (expected: string): Read<never> => ({ ok: false, expected });

export const readText: Reader<string> = (input) =>
  typeof input === 'string' && input.trim() !== '' ? read(input.trim()) : wrong('a text');

export const readSwitch: Reader<boolean> = (input) => {
  if (typeof input === 'boolean') return read(input);
  const word = typeof input === 'string' ? input.trim().toLowerCase() : '';
  if (['on', 'true', 'yes', '1'].includes(word)) return read(true);
  if (['off', 'false', 'no', '0'].includes(word)) return read(false);
  return wrong('on or off');
};

export function readWhole(least: number, most: number): Reader<number> {
  return (input) => {
    const value =
      typeof input === 'string' && /^\d{1,15}$/.test(input.trim()) ? Number(input) : input;
    const fits =
      typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
    return fits ? read(value) : wrong(`a whole number from ${least} to ${most}`);
  };
}

export const readPort = readWhole(0, 65_535);

/** A list, in text separated by commas. */
export function readList(kind: string, accepts: (item: string) => boolean): Reader<string[]> {
  return (input) => {
    const items: unknown[] | undefined =
      typeof input === 'string'
        ? input.split(',').map((item) => item.trim())
        : Array.isArray(input)
          ? input
          : undefined;
    const texts = items?.filter((item): item is string => typeof item === 'string' && item !== '');
    const expected = wrong(`a list of ${kind}`);
    if (items === undefined || texts === undefined) return expected;
    const isWhole = typeof input === 'string' || texts.length === items.length;
    return isWhole && texts.every(accepts) ? read(texts) : expected;
  };
}

export function readOneOf<const Word extends string>(words: readonly Word[]): Reader<Word> {
  return (input) => {
    const found = words.find((word) => word === input);
    return found === undefined ? wrong(`one of ${words.join(', ')}`) : read(found);
  };
}

/** `burst/perSecond`, as `600/20`; `off` for no limit. */
export const readRate: Reader<{ burst: number; perSecond: number }> = (input) => {
  if (input === 'off') return read({ burst: 1, perSecond: 0 });
  const match = typeof input === 'string' ? /^(\d{1,6})\/(\d{1,6}(?:\.\d+)?)$/.exec(input) : null;
  const burst = Number(match?.[1]);
  const perSecond = Number(match?.[2]);
  return burst >= 1 && perSecond > 0
    ? read({ burst, perSecond })
    : wrong('burst/per-second such as 600/20, or off');
};

/** An `https://` or `http://` origin without a path. */
export const readOrigin: Reader<string> = (input) => {
  const expected = wrong('an address such as https://telex.example.com');
  if (typeof input !== 'string' || !URL.canParse(input)) return expected;
  const url = new URL(input);
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return isWeb &&
    url.pathname === '/' &&
    url.username === '' &&
    url.search === '' &&
    url.hash === ''
    ? read(url.origin)
    : expected;
};

/** The address of a service of ours, with a path where that is not the root; never with credentials. */
export function readUrl(protocols: readonly string[], example: string): Reader<string> {
  return (input) => {
    const expected = wrong(`an address such as ${example}`);
    if (typeof input !== 'string' || !URL.canParse(input)) return expected;
    const url = new URL(input);
    const isBare =
      url.username === '' && url.password === '' && url.search === '' && url.hash === '';
    return protocols.includes(url.protocol) && isBare ? read(url.href) : expected;
  };
}
