import * as v from 'valibot';

/** Longest id taken from outside. Ids are opaque strings (telex-api.md §1.5). */
export const MAX_ID_LENGTH = 128;
/** Longest message text, in UTF-16 units. */
export const MAX_CONTENT_LENGTH = 20_000;
/** Longest name of an organisation, a channel or a person. */
export const MAX_NAME_LENGTH = 200;

export const id = v.pipe(
  v.string(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(MAX_ID_LENGTH, 'is too long'),
);
/** An id in a path: what cannot be one is refused before the database is asked. */
export const pathId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,128}$/, 'is not an id'));
export const text = v.string();
export const shortText = v.pipe(v.string(), v.maxLength(2000, 'is too long'));
export const name = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(MAX_NAME_LENGTH, 'is too long'),
);
/** E-mail addresses are compared without case; only their rough form is checked. */
export const email = v.pipe(
  v.string(),
  v.trim(),
  v.maxLength(320, 'is too long'),
  v.regex(/^[^\s@]+@[^\s@]+$/, 'is not an e-mail address'),
);
/** A password as given: never trimmed, bounded so that hashing is. */
export const password = v.pipe(
  v.string(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(1024, 'is too long'),
);
export const token = v.pipe(
  v.string(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(8192, 'is too long'),
);
/** RFC 3339, 0 to 9 fraction digits; not checked further, since samples differ. */
export const time = v.string();
/** A place in an organisation's event log: 0 = before the first event. */
export const seq = v.pipe(
  v.number(),
  v.integer('must be a whole number'),
  v.minValue(0, 'must not be negative'),
  v.maxValue(Number.MAX_SAFE_INTEGER, 'is too large'),
);
export const wholeSeconds = v.pipe(
  v.number(),
  v.integer('must be a whole number'),
  v.minValue(0, 'must not be negative'),
);
/** A list that a reply may also give as `null` (telex-api.md §1.5). */
export function listOrNull<const Item extends v.GenericSchema>(item: Item) {
  return v.pipe(
    v.nullish(v.array(item)),
    v.transform((list) => list ?? []),
  );
}
/** Query values arrive as strings. */
export const queryInt = (least: number, most: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/, 'must be a whole number'),
    v.transform(Number),
    v.minValue(least, `must be at least ${least}`),
    v.maxValue(most, `must be at most ${most}`),
  );
