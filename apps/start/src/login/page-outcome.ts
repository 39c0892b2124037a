import type { LoginOutcome } from '../desktop/login-dialog.ts';
import type { PageOutcome } from './page/page-state.ts';
import { wordsOfProblem } from './page/words.ts';

/** An outcome in the words of the page. */
export function pageOutcome(outcome: LoginOutcome): PageOutcome {
  if (outcome.ok) {
    return outcome.hint === undefined
      ? { kind: 'signed-in' }
      : { kind: 'told', sentence: outcome.hint };
  }
  const { title, text, field, clearsPassword } = wordsOfProblem(outcome.code);
  return {
    kind: 'failed',
    problem: { title, text: text ?? outcome.sentence, field },
    clearsPassword: clearsPassword === true,
    waitMs: Math.max(0, outcome.waitMs ?? 0),
  };
}
