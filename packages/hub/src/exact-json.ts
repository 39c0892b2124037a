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

/** JSON.rawJSON (ES2025) is in every supported runtime, but not yet in the compiler's library. */
function rawJson(source: string): unknown {
  return (JSON as unknown as { rawJSON(source: string): unknown }).rawJSON(source);
}
