// One line of input typed into a raw terminal. Pure: characters in, text and outcome out.

export interface Line {
  readonly text: string;
  /** Inside an escape sequence, such as that of an arrow key; it is passed over. */
  readonly sequence: 'none' | 'started' | 'open';
}
export type LineStep =
  | { readonly kind: 'editing'; readonly line: Line }
  /** `rest`: what was pasted behind the end of the line. */
  | { readonly kind: 'done'; readonly text: string; readonly rest: string }
  | { readonly kind: 'cancelled' };

const LONGEST = 1_024;
export const emptyLine: Line = { text: '', sequence: 'none' };

/** Takes what was typed or pasted. Ctrl-C, and Ctrl-D on an empty line, cancel. */
export function type(line: Line, input: string): LineStep {
  let { text, sequence } = line;
  const characters = [...input];
  for (const [index, character] of characters.entries()) {
    if (character === '\u0003') return { kind: 'cancelled' };
    if (sequence !== 'none') {
      sequence = afterEscape(sequence, character);
      continue;
    }
    switch (character) {
      case '\r':
      case '\n':
        return { kind: 'done', text, rest: restOf(characters, index) };
      case '\u0004':
        if (text === '') return { kind: 'cancelled' };
        break;
      case '\u007f':
      case '\b':
        text = [...text].slice(0, -1).join('');
        break;
      case '\u0015':
        text = '';
        break;
      case '\u001b':
        sequence = 'started';
        break;
      default:
        if (character >= ' ' && text.length < LONGEST) text += character;
    }
  }
  return { kind: 'editing', line: { text, sequence } };
}

function afterEscape(sequence: Line['sequence'], character: string): Line['sequence'] {
  if (sequence === 'started') return character === '[' || character === 'O' ? 'open' : 'none';
  return character >= '@' && character <= '~' ? 'none' : 'open';
}

/** A pasted line ends in one of `\r`, `\n` and `\r\n`. */
function restOf(characters: readonly string[], index: number): string {
  const isPair = characters[index] === '\r' && characters[index + 1] === '\n';
  return characters.slice(index + (isPair ? 2 : 1)).join('');
}
