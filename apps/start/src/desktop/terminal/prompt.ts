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
    ask: (questions, signal) => askAll(input, screen, questions, signal),
  };
}

type Outcome = readonly string[] | 'cancelled';

function askAll(
  input: Input,
  screen: Screen,
  questions: readonly Question[],
  signal: AbortSignal,
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const decoder = new StringDecoder('utf8');
  const answers: string[] = [];
  let line: Line = emptyLine;

  const show = (text: string): void => {
    const question = questions[answers.length];
    if (question !== undefined) screen.question(question.label + (question.hidden ? '' : text));
  };
  const take = (characters: string): void => {
    const step = type(line, characters);
    if (step.kind === 'cancelled') {
      end('cancelled');
    } else if (step.kind === 'editing') {
      line = step.line;
      show(line.text);
    } else {
      show(step.text);
      answer(step.text, step.rest);
    }
  };
  const answer = (text: string, rest: string): void => {
    screen.endQuestion();
    answers.push(text);
    line = emptyLine;
    if (answers.length === questions.length) {
      end(answers);
      return;
    }
    show('');
    if (rest !== '') take(rest);
  };
  const end = (outcome: Outcome): void => {
    input.off('data', onData);
    input.off('end', cancel);
    input.off('error', cancel);
    signal.removeEventListener('abort', abort);
    input.pause();
    input.setRawMode?.(false);
    screen.endQuestion();
    resolve(outcome);
  };
  const onData = (chunk: Buffer): void => take(decoder.write(chunk));
  const cancel = (): void => end('cancelled');
  const abort = (): void => {
    screen.dropQuestion();
    cancel();
  };

  // Hidden from the first moment: what is typed ahead must not show either.
  input.setRawMode?.(true);
  input.on('data', onData);
  input.on('end', cancel);
  input.on('error', cancel);
  signal.addEventListener('abort', abort);
  show('');
  if (signal.aborted) abort();
  else input.resume();
  return promise;
}
