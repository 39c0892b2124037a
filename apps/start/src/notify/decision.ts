import type { Arrival, MessageContent } from './arrival.ts';
import type { Totals } from './waiting.ts';

/** What a bubble says. A summary names numbers; wording.ts makes sentences of them. */
export type Content =
  | ({ readonly kind: 'message' } & MessageContent)
  | ({ readonly kind: 'test' } & MessageContent)
  /** Telex Start's own words: the outcome of something asked for, or what it can't do. */
  | { readonly kind: 'note'; readonly title: string; readonly text: string }
  | ({
      readonly kind: 'summary';
      /** `burst`: too many at once; `away`: after catching up; `quiet`: after a pause. */
      readonly cause: 'burst' | 'away' | 'quiet';
    } & Omit<Totals, 'only'>);

/** Why: the rule of SPEC.md, and a phrase for people. */
interface Because {
  readonly rule: RuleId;
  readonly reason: string;
}

/**
 * A bubble is opened, or an open one gets new content. `arrival` is missing for a summary; `wasCounted`: it was counted when
 * it came, and is now the only one left to tell.
 */
export type ShowDecision = Because & {
  readonly kind: 'show' | 'replace';
  readonly bubble: string;
  readonly content: Content;
  readonly sound: boolean;
  readonly arrival: Arrival | undefined;
  readonly wasCounted: boolean;
};

/**
 * What the policy decides. Every push gets exactly one of show, replace, count and drop with its
 * `arrival`; summaries, closings and what `wasCounted` come on top.
 */
export type Decision =
  | ShowDecision
  | (Because & { readonly kind: 'count' | 'drop'; readonly arrival: Arrival })
  | (Because & { readonly kind: 'close'; readonly bubble: string });

/** The rules of SPEC.md, "Notification policy". */
export type RuleId =
  | 'N1'
  | 'N2'
  | 'N3'
  | 'N4'
  | 'N5'
  | 'N6'
  | 'N7'
  | 'N8'
  | 'N9'
  | 'N10'
  | 'N11'
  | 'N12'
  | 'N13'
  | 'N14'
  | 'N15'
  | 'N16'
  | 'N17'
  | 'N18';
