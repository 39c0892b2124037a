/**
 * What the login page shows, as a pure machine that runs in the browser.
 *
 *     filling ⇄ trying → waiting → filling      told: signed in, with a sentence to read first
 *        └────────┴─────────┴────→ over         over: nothing can be done here any more
 *
 * `nextPage` is sent to the browser as text: it must use nothing but its parameters.
 */
import type { Words } from './words.ts';

export type PageField = 'email' | 'password' | 'server';

/** What went wrong, in words; `field` is where to look. */
export interface PageProblem {
  readonly title: string;
  readonly text: string;
  readonly field: PageField | undefined;
}

/** The server's answer to a try, in words already. */
export type PageOutcome =
  | { readonly kind: 'signed-in' }
  /** Signed in, and something is to be read before the window closes. */
  | { readonly kind: 'told'; readonly sentence: string }
  | {
      readonly kind: 'failed';
      readonly problem: PageProblem;
      readonly clearsPassword: boolean;
      /** How long the server asked to wait; 0: it did not. */
      readonly waitMs: number;
    };

/** Why the page is over. */
export type PageEnd = 'signed-in' | 'cancelled' | 'void' | 'time-limit' | 'lost';

export type PageState =
  | { readonly kind: 'filling'; readonly problem?: PageProblem; readonly note?: string }
  | { readonly kind: 'trying' }
  /** Times are those of the page's own monotonic clock. */
  | {
      readonly kind: 'waiting';
      readonly problem: PageProblem;
      readonly untilMs: number;
      readonly leftMs: number;
    }
  | { readonly kind: 'told'; readonly sentence: string }
  | { readonly kind: 'over'; readonly end: PageEnd };

export interface PageAttempt {
  readonly email: string;
  readonly password: string;
  readonly server: string;
}

export type PageEvent =
  | { readonly kind: 'submitted'; readonly attempt: PageAttempt }
  | { readonly kind: 'answered'; readonly outcome: PageOutcome; readonly nowMs: number }
  /** Cancel, Stop, Done or the Escape key. */
  | { readonly kind: 'left' }
  | { readonly kind: 'ticked'; readonly nowMs: number }
  /** Telex Start says that it is over, or can't be heard any more. */
  | { readonly kind: 'ended'; readonly end: PageEnd };

export type PageEffect =
  | { readonly kind: 'try'; readonly attempt: PageAttempt }
  | { readonly kind: 'stop-trying' | 'clear-password' | 'leave' | 'tick' | 'close' }
  | { readonly kind: 'focus'; readonly on: PageField | 'done' | 'end' };

export interface PageStep {
  readonly state: PageState;
  readonly effects: readonly PageEffect[];
}

type Of<Union, Kind> = Extract<Union, { kind: Kind }>;
type Table = {
  readonly [S in PageState['kind']]: {
    readonly [E in PageEvent['kind']]: (
      state: Of<PageState, S>,
      event: Of<PageEvent, E>,
    ) => PageStep;
  };
};

export function nextPage(state: PageState, event: PageEvent, words: Words): PageStep {
  const LONGEST_WAIT_MS = 3_600_000;
  const stay = (same: PageState): PageStep => ({ state: same, effects: [] });
  const over = (end: PageEnd, effects: readonly PageEffect[] = []): PageStep => ({
    state: { kind: 'over', end },
    effects: [...effects, { kind: 'focus', on: 'end' }, { kind: 'close' }],
  });
  const ended = (_: PageState, { end }: Of<PageEvent, 'ended'>) => over(end);
  const cancel = () => over('cancelled', [{ kind: 'leave' }]);

  const missing = (text: string, field: PageField): PageStep => ({
    state: { kind: 'filling', problem: { title: words.missingTitle, text, field } },
    effects: [{ kind: 'focus', on: field }],
  });
  const submit = (_: PageState, { attempt }: Of<PageEvent, 'submitted'>): PageStep => {
    if (attempt.email === '') return missing(words.missingEmail, 'email');
    if (attempt.password === '') return missing(words.missingPassword, 'password');
    if (attempt.server === '') return missing(words.missingServer, 'server');
    return { state: { kind: 'trying' }, effects: [{ kind: 'try', attempt }] };
  };
  const answered = (_: PageState, { outcome, nowMs }: Of<PageEvent, 'answered'>): PageStep => {
    if (outcome.kind === 'signed-in') return over('signed-in');
    if (outcome.kind === 'told') {
      const { sentence } = outcome;
      return {
        state: { kind: 'told', sentence },
        effects: [{ kind: 'clear-password' }, { kind: 'focus', on: 'done' }],
      };
    }
    const { problem, clearsPassword } = outcome;
    const clear: readonly PageEffect[] = clearsPassword ? [{ kind: 'clear-password' }] : [];
    const focus: PageEffect = { kind: 'focus', on: problem.field ?? 'password' };
    const leftMs = Math.min(outcome.waitMs, LONGEST_WAIT_MS);
    return leftMs > 0
      ? {
          state: { kind: 'waiting', problem, untilMs: nowMs + leftMs, leftMs },
          effects: [...clear, focus, { kind: 'tick' }],
        }
      : { state: { kind: 'filling', problem }, effects: [...clear, focus] };
  };
  const tick = (was: Of<PageState, 'waiting'>, { nowMs }: Of<PageEvent, 'ticked'>): PageStep => {
    const leftMs = was.untilMs - nowMs;
    return leftMs > 0
      ? { state: { ...was, leftMs }, effects: [{ kind: 'tick' }] }
      : { state: { kind: 'filling', note: words.waitOver }, effects: [] };
  };
  const stop = (): PageStep => ({
    state: { kind: 'filling', note: words.stopped },
    effects: [{ kind: 'stop-trying' }, { kind: 'focus', on: 'password' }],
  });

  const table: Table = {
    filling: { submitted: submit, answered: stay, left: cancel, ticked: stay, ended },
    trying: { submitted: stay, answered, left: stop, ticked: stay, ended },
    waiting: { submitted: stay, answered: stay, left: cancel, ticked: tick, ended },
    told: {
      submitted: stay,
      answered: stay,
      left: () => over('signed-in', [{ kind: 'leave' }]),
      ticked: stay,
      // Signed in it is, whatever becomes of the window.
      ended: () => over('signed-in'),
    },
    over: { submitted: stay, answered: stay, left: stay, ticked: stay, ended: stay },
  };
  const step = table[state.kind][event.kind] as (state: PageState, event: PageEvent) => PageStep;
  return step(state, event);
}
