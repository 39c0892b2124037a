import type { Fault } from '@telex/client';
import { wordsOfProblem } from '../login/page/words.ts';

/**
 * Why signing in failed. A session that is there tries again by itself and its faults say so; signing in is tried once, so
 * these have the login page's words.
 */
export function signInSentence({ code, sentence }: Pick<Fault, 'code' | 'sentence'>): string {
  if (code !== 'unreachable' && code !== 'unavailable') return sentence;
  const { title, text = sentence } = wordsOfProblem(code);
  return `${title}. ${text}`;
}
