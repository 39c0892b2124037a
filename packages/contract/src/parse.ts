import { type GenericSchema, getDotPath, type InferOutput, safeParse } from 'valibot';

/** One thing wrong with an input: where (`user.email`, empty for the whole value) and what. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

/** What a validator says of an `unknown` value. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly [Fault, ...Fault[]] };

const MAX_FAULTS = 20;

/**
 * Checks `input` against a schema. Never throws, never echoes the input (it may hold a secret):
 * a fault names the field's path and what was expected there.
 */
export function parse<const Schema extends GenericSchema>(
  schema: Schema,
  input: unknown,
): Parsed<InferOutput<Schema>> {
  const result = safeParse(schema, input);
  if (result.success) return { ok: true, value: result.output };
  const [first, ...rest] = result.issues.slice(0, MAX_FAULTS).map((issue) => ({
    path: getDotPath(issue) ?? '',
    message: issue.kind === 'schema' ? describe(issue.expected, issue.received) : issue.message,
  }));
  return { ok: false, faults: [first ?? { path: '', message: 'is not valid' }, ...rest] };
}

/** A fault as a sentence for people: `email is required`. */
export function faultSentence(fault: Fault): string {
  return `${fault.path === '' ? 'the value' : fault.path} ${fault.message}`;
}

/** Parses JSON text that comes from outside; a syntax error is an outcome, not an exception. */
export function parseJson(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

function describe(expected: string | null, received: string): string {
  if (received === 'undefined') return 'is required';
  const kind = kindOf(received);
  const wanted = expected === null ? 'something else' : expected.toLowerCase();
  return `must be ${wanted}, not ${kind}`;
}

/** Valibot shows literal values as received; only their kind may leave this function. */
function kindOf(received: string): string {
  if (received.startsWith('"')) return 'a string';
  if (/^-?(\d|NaN|Infinity)/.test(received)) return 'a number';
  if (received === 'true' || received === 'false') return 'a boolean';
  return received === 'Object' ? 'an object' : received === 'Array' ? 'a list' : received;
}
