import type { Fault } from './faults.ts';

/** An organisation of the signed-in user. */
export interface Organisation {
  readonly id: string;
  readonly name: string;
}

/**
 * Why nobody is signed in. `never`: not yet since the start; `signed-out`: asked for; `failed`: the
 * last try failed (see `fault`); `expired`: the session could not be renewed; `ended`: it was ended
 * elsewhere; `refused`: the push server shut this client out; `closed`: the session object is closed.
 */
export type SignedOutReason =
  | 'never'
  | 'signed-out'
  | 'failed'
  | 'expired'
  | 'ended'
  | 'refused'
  | 'closed';

/**
 * How one organisation does. `connecting`: on its way; `live`: its pushes arrive; `failed`: they do
 * not, `fault` says why, and whether it is tried again is the fault table's `retry`.
 */
export type OrganisationStatus =
  | {
      readonly kind: 'connecting' | 'live';
      readonly organisation: Organisation;
      readonly channel: string;
    }
  | {
      readonly kind: 'failed';
      readonly organisation: Organisation;
      readonly channel: string;
      readonly fault: Fault;
    };

/** The signed-in user. */
export interface SignedInUser {
  readonly id: string;
  readonly email?: string;
  readonly username?: string;
}

/**
 * What is true of the session now (design.md, "State of the client").
 * ```
 * signed-out ─► signing-in ─► connecting ─► live ◄──► offline
 *      ▲            │              │          │          │
 *      └────────────┴── session-expired, sign-out, close ┘
 * ```
 * `live`: every connection is up; an organisation may still have `failed` by itself. `offline`: at
 * least one connection is down; organisations on another one stay `live` meanwhile.
 */
export type State =
  | { readonly kind: 'signed-out'; readonly reason: SignedOutReason; readonly fault?: Fault }
  | { readonly kind: 'signing-in' }
  | {
      readonly kind: 'connecting';
      readonly user: SignedInUser;
      readonly organisations: readonly OrganisationStatus[];
    }
  | {
      readonly kind: 'live';
      readonly user: SignedInUser;
      readonly organisations: readonly OrganisationStatus[];
    }
  | {
      readonly kind: 'offline';
      readonly user: SignedInUser;
      readonly organisations: readonly OrganisationStatus[];
      readonly reason: Fault;
      /** Monotonic milliseconds of the clock port at which it dials again by itself. */
      readonly retryAt: number;
      /** The same as Unix milliseconds, for showing. */
      readonly retryAtUnixMs: number;
    };
