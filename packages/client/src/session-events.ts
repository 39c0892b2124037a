import type { PushEvent } from '@telex/contract';
import type { Fault } from './faults.ts';
import type { Organisation, State } from './state.ts';

/** A push that passed the validator, with everything around it. */
export interface ReceivedPush {
  readonly event: PushEvent;
  readonly organisation: Organisation;
  /** The push channel it came by, `<org_id>/<user_id>`. */
  readonly channel: string;
  /** The signed-in user, to tell one's own messages from others'. */
  readonly userId: string;
  /** `catch-up`: fetched, or replayed by the push server, after a time away. */
  readonly via: 'live' | 'catch-up';
  /** Unix milliseconds. */
  readonly receivedAtUnixMs: number;
  /** Monotonic milliseconds of the clock port, for measuring. */
  readonly receivedAt: number;
}

/** The threads with something unread. `total` counts all, `threadIds` may be cut at 1,000. */
export interface UnreadOfOrganisation {
  readonly organisation: Organisation;
  readonly total: number;
  readonly threadIds: readonly string[];
}
export interface Unread {
  readonly total: number;
  readonly organisations: readonly UnreadOfOrganisation[];
}

/** What catching up brought for one organisation. */
export interface OrganisationCaughtUp {
  readonly organisation: Organisation;
  /** Pushes delivered with `via: 'catch-up'`. */
  readonly pushes: number;
  /**
   * There is a gap that nobody can fill (the events were pruned, or this server cannot replay). The
   * unread set is right nevertheless where the server offers it.
   */
  readonly gap: boolean;
}

/** What a session tells its listeners. */
export type SessionEvent =
  | { readonly kind: 'state'; readonly state: State }
  | { readonly kind: 'push'; readonly push: ReceivedPush }
  | { readonly kind: 'unread'; readonly unread: Unread }
  /**
   * Catching up has finished: at start, after each gap, and after a replay by the push server. No push
   * with `via: 'catch-up'` stays without one after it. Time away as Unix milliseconds, where it is
   * known (not at the first connect after a start).
   */
  | {
      readonly kind: 'caught-up';
      readonly pushes: number;
      readonly organisations: readonly OrganisationCaughtUp[];
      readonly away?: { readonly fromUnixMs: number; readonly untilUnixMs: number };
    }
  /** Something went wrong that is worth a line in a log or in `doctor`; the session goes on. */
  | { readonly kind: 'fault'; readonly fault: Fault; readonly organisation?: Organisation };

/**
 * A listener is called in order. The mark of an organisation moves past a push only when every
 * listener has returned and, where it returned a promise, the promise has settled: a program that is
 * killed before gets the push again after the next sign-in. A listener that throws is reported as a
 * fault and counts as done.
 */
export type SessionListener = (event: SessionEvent) => void | Promise<void>;
