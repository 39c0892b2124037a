import { type Fault, faultSentence, parse, pathId, type Route, TelexError } from '@telex/contract';

type Schema = NonNullable<Route['body']>;

/** Body or query by its schema; 422 with one sentence a fault, each naming its field. */
export function checked(schema: Schema | undefined, input: unknown): unknown {
  if (schema === undefined) return undefined;
  const parsed = parse(schema, input);
  if (parsed.ok) return parsed.value;
  throw validationFailed(parsed.faults);
}

/** A body where an absent one counts as `{}`, so that the faults name the missing fields. */
export function checkedBody(schema: Schema | undefined, body: unknown): unknown {
  return checked(schema, body === undefined ? {} : body);
}

export function validationFailed(faults: readonly Fault[]): TelexError {
  return new TelexError('validation_failed', 'Validation error', {
    errors: faults.map(faultSentence),
  });
}

/** Path parameters; what cannot be an id is refused before the database is asked. */
export function checkIds(params: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(params)) {
    if (parse(pathId, value).ok) continue;
    throw new TelexError('malformed_id', `${key} in the path is not an id.`);
  }
}
