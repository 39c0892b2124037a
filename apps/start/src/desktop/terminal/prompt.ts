import { StringDecoder } from 'node:string_decoder';
import { emptyLine, type Line, type } from './line-editor.ts';
import type { Screen } from './screen.ts';

/** The part of a terminal's `process.stdin` that a prompt needs. */
export interface Input {
  readonly isTTY?: boolean;
  setRawMode?(on: boolean): unknown;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'end' | 'error', listener: () => void): unknown;
  off(event: 'data', listener: (chunk: Buffer) => void): unknown;
  off(event: 'end' | 'error', listener: () => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export interface Question {
  readonly label: string;
  /** What is typed is not shown. */
  readonly hidden: boolean;
}

/** Asks one question after the other on one terminal. */
export interface Prompt {
  /** `cancelled`: Ctrl-C, end of input, or the signal. What was pasted beyond a line answers the next question. */
  ask(
    questions: readonly Question[],
    signal: AbortSignal,
  ): Promise<readonly string[] | 'cancelled'>;
}

export function createPrompt(input: Input, screen: Screen): Prompt {
  return {
    async ask(questions, signal) {
      const answers: string[] = [];
      let pasted = '';
      for (const question of questions) {
        const outcome = await askOne(input, screen, question, pasted, signal);
        if (outcome === 'cancelled') return 'cancelled';
        answers.push(outcome.text);
        pasted = outcome.rest;
      }
      return answers;
    },
  };
}

function askOne(
  input: Input,
  screen: Screen,
  { label, hidden }: Question,
  pasted: string,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly rest: string } | 'cancelled'> {
  const decoder = new StringDecoder('utf8');
  const { promise, resolve } = Promise.withResolvers<
    { text: string; rest: string } | 'cancelled'
  >();
  let line: Line = emptyLine;
  const take = (characters: string): void => {
    const step = type(line, characters);
    if (step.kind === 'editing') {
      line = step.line;
      screen.question(hidden ? label : label + line.text);
    } else {
      if (step.kind === 'done' && !hidden) screen.question(label + step.text);
      resolve(step.kind === 'done' ? step : 'cancelled');
    }
  };
  const onData = (chunk: Buffer): void => take(decoder.write(chunk));
  const cancel = (): void => resolve('cancelled');
  // Hidden from the first moment: what is typed ahead must not show either.
  input.setRawMode?.(true);
  input.on('data', onData);
  input.on('end', cancel);
  input.on('error', cancel);
  signal.addEventListener('abort', cancel);
  screen.question(label);
  input.resume();
  if (signal.aborted) cancel();
  else if (pasted !== '') take(pasted);
  return promise.finally(() => {
    input.off('data', onData);
    input.off('end', cancel);
    input.off('error', cancel);
    signal.removeEventListener('abort', cancel);
    input.pause();
    input.setRawMode?.(false);
    screen.endQuestion();
  });
}
