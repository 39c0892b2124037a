import type { Arrival, ThreadRead } from './arrival.ts';
import type { Decision } from './decision.ts';
import type { SeenIds } from './seen-ids.ts';
import { type Away, nothingWaiting, type Waiting } from './waiting.ts';

/** Why nothing may pop up just now. */
export type QuietReason = 'paused' | 'do-not-disturb' | 'locked' | 'no-desktop';

export interface PolicyState {
  /** Whose messages are one's own; undefined while signed out. */
  readonly userId: string | undefined;
  readonly seen: SeenIds;
  /** Ids of the journal of an earlier run. */
  readonly doubtful: ReadonlySet<string>;
  /** Open bubbles, oldest first. */
  readonly bubbles: ReadonlySet<string>;
  /** The bubbles opened in the last 10 s: as many as the limit allows at most. */
  readonly openings: readonly Opening[];
  readonly soundAt: number;
  readonly readMarks: ReadonlyMap<string, number>;
  /** Unix milliseconds at which a reason ends by itself; undefined: when it is taken back. */
  readonly quiet: ReadonlyMap<QuietReason, number | undefined>;
  /** Unix milliseconds at which the mute of a scope ends; undefined: when it is taken back. */
  readonly muted: ReadonlyMap<string, number | undefined>;
  /** Counted and not yet told. */
  readonly waiting: Waiting;
  readonly waitingFor: 'burst' | 'quiet';
  /** What the open summary tells. */
  readonly announced: Waiting;
  readonly announcedAt: number;
  readonly summaryOpenedAt: number;
  readonly flushAt: number | undefined;
  /** Gathered by catching up. */
  readonly caught: Waiting;
  readonly caughtUntil: number | undefined;
  /** What the open notification after catching up tells. */
  readonly away: Waiting;
}

export interface Opening {
  readonly bubble: string;
  readonly at: number;
}

/** Monotonic milliseconds for limits; Unix milliseconds for pauses, which end by the clock on the wall. */
interface Timed {
  readonly at: number;
  readonly unixMs: number;
}

export type PolicyEvent = Timed &
  (
    | { readonly kind: 'arrival'; readonly arrival: Arrival }
    | ({ readonly kind: 'read' } & ThreadRead)
    | { readonly kind: 'caught-up'; readonly hasGap: boolean; readonly away: Away | undefined }
    | { readonly kind: 'signed-in'; readonly userId: string }
    | { readonly kind: 'signed-out' }
    /** The desktop closed it, or the user did. */
    | { readonly kind: 'closed'; readonly bubble: string }
    /** The desktop did not take it. */
    | { readonly kind: 'refused'; readonly bubble: string; readonly arrival: Arrival | undefined }
    | { readonly kind: 'quiet'; readonly reason: QuietReason; readonly untilUnixMs?: number }
    | { readonly kind: 'quiet-over'; readonly reason: QuietReason }
    | { readonly kind: 'mute'; readonly scope: string; readonly untilUnixMs?: number }
    | { readonly kind: 'unmute'; readonly scope: string }
    /** The time named by `wakeInMs` has come. */
    | { readonly kind: 'wake' }
  );

export interface PolicyStep {
  readonly state: PolicyState;
  readonly decisions: readonly Decision[];
}

/** @param doubtful ids of the journal of an earlier run. */
export function startPolicy(doubtful: ReadonlySet<string> = new Set()): PolicyState {
  return {
    userId: undefined,
    seen: [],
    doubtful,
    bubbles: new Set(),
    openings: [],
    soundAt: Number.NEGATIVE_INFINITY,
    readMarks: new Map(),
    quiet: new Map(),
    muted: new Map(),
    waiting: nothingWaiting,
    waitingFor: 'burst',
    announced: nothingWaiting,
    announcedAt: Number.NEGATIVE_INFINITY,
    summaryOpenedAt: Number.NEGATIVE_INFINITY,
    flushAt: undefined,
    caught: nothingWaiting,
    caughtUntil: undefined,
    away: nothingWaiting,
  };
}
