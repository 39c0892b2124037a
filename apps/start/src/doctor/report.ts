/** `warning`: it works, or may; `skipped`: what it builds on has failed, or there is nothing to look at. */
export type Verdict = 'ok' | 'warning' | 'failed' | 'skipped';

/** What a check found; never a token, a password or a whole e-mail address. */
export interface Finding {
  readonly verdict: Verdict;
  /** What is so and, where that is not well, what to do. */
  readonly sentence: string;
}

export interface Report extends Finding {
  /** Stable name for scripts. */
  readonly check: string;
  readonly ms: number;
}

/** Looks at one part, in order, and reports as it goes. Never rejects for what it looks at. */
export type Examination = (tell: (report: Report) => void) => Promise<void>;

export const ok = (sentence: string): Finding => ({ verdict: 'ok', sentence });
export const warning = (sentence: string): Finding => ({ verdict: 'warning', sentence });
export const failed = (sentence: string): Finding => ({ verdict: 'failed', sentence });
export const skipped = (sentence: string): Finding => ({ verdict: 'skipped', sentence });
