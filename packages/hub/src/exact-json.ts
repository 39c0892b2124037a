/**
 * A value of JSON text that `JSON.stringify` writes as it came: numbers keep every digit (H12), and
 * no newline is left between the parts. Numbers in it are opaque.
 * @throws SyntaxError
 */
export function parseExactly(text: string): unknown {
  return JSON.parse(text, keepNumber);
}

function keepNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined
    ? rawJson(context.source)
    : value;
}

/** Whether this is a number of `parseExactly`, which else looks like an object. */
export function isExactNumber(value: unknown): boolean {
  return json.isRawJSON(value);
}

function rawJson(source: string): unknown {
  return json.rawJSON(source);
}

/** ES2025; in every supported runtime, but not yet in the compiler's library. */
const json = JSON as unknown as {
  rawJSON(source: string): unknown;
  isRawJSON(value: unknown): boolean;
};
