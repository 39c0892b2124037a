/**
 * The words of a command line, by the quoting rules that POSIX shells and the Desktop Entry Specification's `Exec` share. Nothing
 * is expanded and no shell is asked: `$`, `;` and `*` are characters. Undefined where a quote or an escape has no end.
 */
export function splitCommand(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (quote === "'") {
      if (character === quote) quote = '';
      else word = `${word ?? ''}${character}`;
    } else if (character === '\\') {
      const next = text.charAt(index + 1);
      if (next === '') return undefined;
      // Inside double quotes a backslash is one, but before these.
      const isEscape = quote === '' || '"`$\\'.includes(next);
      word = `${word ?? ''}${isEscape ? '' : character}${next}`;
      index += 1;
    } else if (quote === '"') {
      if (character === quote) quote = '';
      else word = `${word ?? ''}${character}`;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (' \t\n\r'.includes(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = `${word ?? ''}${character}`;
    }
  }
  if (quote !== '') return undefined;
  if (word !== undefined) words.push(word);
  return words;
}
