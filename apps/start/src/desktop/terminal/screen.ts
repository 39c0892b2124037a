/** The part of `process.stdout` that a screen needs. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A terminal that prints lines while a question may stand at its bottom. */
export interface Screen {
  readonly isTerminal: boolean;
  /** Prints lines above the question. */
  print(text: string): void;
  /** Puts the question there, or changes what stands behind it. Empty: none. */
  question(text: string): void;
  /** Ends the line of the question: it stays in the scrollback, nothing stands at the bottom. */
  endQuestion(): void;
  /** Takes the question away as if it had never been asked. */
  dropQuestion(): void;
  bell(): void;
}

const CLEAR_LINE = '\r\u001b[K';

export function createScreen(output: Output): Screen {
  const isTerminal = output.isTTY === true;
  let shown = '';
  return {
    isTerminal,
    print(text) {
      output.write(shown === '' ? `${text}\n` : `${CLEAR_LINE}${text}\n${shown}`);
    },
    question(text) {
      const start = shown === '' ? '' : CLEAR_LINE;
      output.write(text.startsWith(shown) ? text.slice(shown.length) : `${start}${text}`);
      shown = text;
    },
    endQuestion() {
      if (shown !== '') output.write('\n');
      shown = '';
    },
    dropQuestion() {
      if (shown !== '') output.write(CLEAR_LINE);
      shown = '';
    },
    bell() {
      if (isTerminal) output.write('\u0007');
    },
  };
}
