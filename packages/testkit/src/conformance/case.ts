import type { Capability } from './capabilities.ts';
import type { ConfigOverrides } from './config.ts';
import type { CaseContext } from './context.ts';
import { type ConformanceTarget, has } from './target.ts';

/** Behaviours that embedded push servers get wrong (H1 to H12 of the hub's SPEC.md). */
export type Rule =
  | 'H1'
  | 'H2'
  | 'H3'
  | 'H4'
  | 'H5'
  | 'H6'
  | 'H7'
  | 'H8'
  | 'H9'
  | 'H10'
  | 'H11'
  | 'H12';

/** One thing that every push server must do, tested from outside. */
export interface ConformanceCase {
  /** Unique, `topic/what`. */
  readonly id: string;
  /** A sentence about behaviour. */
  readonly title: string;
  /** Cases of the same overrides share a server, so a case touches only channels and users of its own. */
  readonly config?: ConfigOverrides;
  /** It stops, kills or counts its server, which is therefore not shared. */
  readonly ownServer?: boolean;
  readonly needs?: readonly Capability[];
  readonly rules?: readonly Rule[];
  /** Default 20,000. */
  readonly timeoutMs?: number;
  run(context: CaseContext): Promise<void>;
}

export const defaultTimeoutMs = 20_000;

export function casesFor(
  target: ConformanceTarget,
  cases: readonly ConformanceCase[],
): ConformanceCase[] {
  return cases.filter(({ needs = [] }) => needs.every((need) => has(target, need)));
}
