const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);

/**
 * The members of a JSON object as they are written, white space around them left out: numbers of any
 * size, the order of keys and the way strings are escaped all survive (H12). Of a repeated name the last
 * one counts, as with JSON.parse.
 *
 * @param text that JSON.parse has found to be an object
 */
export function rawMembers(text: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  let at = text.indexOf('{') + 1;
  for (;;) {
    const nameStart = text.indexOf('"', at);
    // Behind the last member there is no quote, since a value that holds one has been skipped.
    if (nameStart < 0) return members;
    const nameEnd = endOfString(text, nameStart);
    const valueStart = skipTo(text, nameEnd, COLON) + 1;
    const valueEnd = endOfValue(text, valueStart);
    const name: unknown = JSON.parse(text.slice(nameStart, nameEnd));
    members.set(String(name), text.slice(valueStart, valueEnd).trim());
    at = valueEnd;
  }
}

/** The elements of a JSON list, as `rawMembers`. */
export function rawElements(text: string): readonly string[] {
  const elements: string[] = [];
  let at = text.indexOf('[') + 1;
  for (;;) {
    const end = endOfValue(text, at);
    const element = text.slice(at, end).trim();
    if (element === '') return elements;
    elements.push(element);
    at = end + 1;
  }
}

/** JSON text without the line breaks between its parts; within strings there are none. */
export function onOneLine(text: string): string {
  return /[\n\r]/.test(text) ? text.replace(/[\n\r]+/g, ' ') : text;
}

/** Where the value that begins at `from` has ended: at a comma or a bracket of what is around it. */
function endOfValue(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    if (OPEN.has(character)) depth += 1;
    else if (CLOSE.has(character)) {
      if (depth === 0) return at;
      depth -= 1;
    } else if (character === COMMA && depth === 0) return at;
    at += 1;
  }
  return at;
}

/** Behind the closing quote of a string that begins at `from`. */
function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

function skipTo(text: string, from: number, wanted: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== wanted) at += 1;
  return at;
}
