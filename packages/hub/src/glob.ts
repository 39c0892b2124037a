/**
 * Patterns for names as Centrifugo's `channels` takes them: `*` is any text, `?` any character, `[ab]`,
 * `[a-z]` and `[!a]` one character, `{a,b}` one of several texts, and `\` takes the next character as it is.
 */

type Step =
  | { readonly kind: 'any' }
  | { readonly kind: 'one'; readonly isMatch: (character: string) => boolean };

/** Texts that the braces of a pattern may stand for; more are refused. */
const MOST_ALTERNATIVES = 100;

/**
 * Compiles a pattern. Matching takes at most its length times that of the name, whatever the pattern.
 *
 * @throws RangeError when a bracket is not closed, or there are too many alternatives
 */
export function glob(pattern: string): (name: string) => boolean {
  const alternatives = expand(pattern).map(steps);
  return (name) => alternatives.some((one) => matches(one, name));
}

function expand(pattern: string): string[] {
  const open = find(pattern, '{', 0);
  if (open < 0) return [pattern];
  const close = find(pattern, '}', open);
  if (close < 0) throw new RangeError('a brace of the pattern is not closed');
  const before = pattern.slice(0, open);
  const rest = expand(pattern.slice(close + 1));
  const texts = pattern
    .slice(open + 1, close)
    .split(',')
    .flatMap((text) => rest.map((end) => `${before}${text}${end}`));
  if (texts.length > MOST_ALTERNATIVES) throw new RangeError('the pattern has too many braces');
  return texts;
}

function find(pattern: string, character: string, from: number): number {
  for (let at = from; at < pattern.length; at += 1) {
    if (pattern[at] === '\\') at += 1;
    else if (pattern[at] === character) return at;
  }
  return -1;
}

function steps(pattern: string): Step[] {
  const all: Step[] = [];
  const one = (isMatch: (character: string) => boolean) => all.push({ kind: 'one', isMatch });
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] ?? '';
    if (character === '*') {
      if (all.at(-1)?.kind !== 'any') all.push({ kind: 'any' });
    } else if (character === '?') {
      one(() => true);
    } else if (character === '[') {
      const close = find(pattern, ']', at + 1);
      if (close < 0) throw new RangeError('a bracket of the pattern is not closed');
      one(characterSet(pattern.slice(at + 1, close)));
      at = close;
    } else {
      if (character === '\\') at += 1;
      const wanted = pattern[at] ?? '';
      one((given) => given === wanted);
    }
  }
  return all;
}

function characterSet(text: string): (character: string) => boolean {
  const isNot = text.startsWith('!') || text.startsWith('^');
  const set = isNot ? text.slice(1) : text;
  const range = /^(.)-(.)$/s.exec(set);
  const isIn = (character: string) =>
    range === null
      ? set.includes(character)
      : character >= (range[1] ?? '') && character <= (range[2] ?? '');
  return (character) => isIn(character) !== isNot;
}

/** Goes back to the last `any` only, which is all that a match can need. */
function matches(all: readonly Step[], name: string): boolean {
  let step = 0;
  let lastAny = -1;
  let takenByAny = 0;
  for (let at = 0; at < name.length; ) {
    const current = all[step];
    if (current?.kind === 'one' && current.isMatch(name[at] ?? '')) {
      step += 1;
      at += 1;
    } else if (current?.kind === 'any') {
      lastAny = step;
      takenByAny = at;
      step += 1;
    } else if (lastAny >= 0) {
      takenByAny += 1;
      at = takenByAny;
      step = lastAny + 1;
    } else {
      return false;
    }
  }
  return all.slice(step).every(({ kind }) => kind === 'any');
}
