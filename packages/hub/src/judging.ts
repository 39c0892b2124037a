import type { ErrorName } from './codes.ts';
import type { Judged, TokenFault } from './ports.ts';

/** A value that is there, or will be. */
export type Soon<Value> = Value | Promise<Value>;

const UNAVAILABLE = { ok: false, fault: 'unavailable' } as const;

/** Asks a verifier. One that throws or rejects, against its contract, could not judge. */
export function judge<Grant>(ask: () => Judged<Grant>): Judged<Grant> {
  try {
    const judged = ask();
    return judged instanceof Promise ? judged.catch(() => UNAVAILABLE) : judged;
  } catch {
    return UNAVAILABLE;
  }
}

/** Goes on at once where the value is there, so that most frames are answered in one turn. */
export function whenThere<Value, Result>(
  value: Soon<Value>,
  then: (value: Value) => Soon<Result>,
): Soon<Result> {
  return value instanceof Promise ? value.then(then) : then(value);
}

export function whenAllThere<Value, Result>(
  values: readonly Soon<Value>[],
  then: (values: readonly Value[]) => Soon<Result>,
): Soon<Result> {
  const there = values.filter((value): value is Value => !(value instanceof Promise));
  return there.length === values.length ? then(there) : Promise.all(values).then(then);
}

/** The error that tells a client about its subscription token. */
export function subscriptionError(fault: TokenFault): ErrorName {
  switch (fault) {
    case 'expired':
      return 'tokenExpired';
    case 'ended':
      return 'expired';
    case 'unavailable':
      return 'internal';
    case 'invalid':
    case 'denied':
      return 'permissionDenied';
  }
}
