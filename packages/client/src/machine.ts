import type { Advice } from './close-codes.ts';
import { type Fault, faultTable, makeFault } from './faults.ts';
import { backOffMs, flapDelayMs, refusalDelayMs } from './reconnect-policy.ts';
import type { SignedOutReason } from './state.ts';

/*
 * The session as a pure machine: state and event in, state and effects out (SPEC.md M1 to M9).
 *
 *   signed-out ─sign-in─► signing-in ─signed-in─► connecting ─links-up─► live
 *                                                     │                   │
 *                                                 link-down ◄─────────────┘
 *                                                     ▼
 *                               redialling ◄──due── offline
 *                                    └──links-up──► live
 *   from anywhere: sign-out, session-expired, stop ─► signed-out;  close ─► closed
 */

/** What the machine remembers until a connection has proved stable. */
export interface Attempts {
  /** Dials that failed or did not last, in a row. */
  readonly tries: number;
  /** `renew-once` verdicts in a row. */
  readonly renewals: number;
  /** `retry-later` verdicts in a row. */
  readonly refusals: number;
  /** `damp` verdicts in a row. */
  readonly flaps: number;
}

export type MachineState =
  | { readonly kind: 'signed-out'; readonly reason: SignedOutReason; readonly fault?: Fault }
  | { readonly kind: 'signing-in' }
  | { readonly kind: 'connecting'; readonly attempts: Attempts }
  | { readonly kind: 'live'; readonly attempts: Attempts }
  | {
      readonly kind: 'offline';
      readonly attempts: Attempts;
      readonly fault: Fault;
      readonly retryAt: number;
      /** New tokens are needed before the next dial. */
      readonly mustRenew: boolean;
      /** When it went offline or last dialled, so that hints cannot make it hot. */
      readonly since: number;
    }
  | {
      readonly kind: 'redialling';
      readonly attempts: Attempts;
      readonly fault: Fault;
      readonly since: number;
    }
  | { readonly kind: 'closed' };

/** `now`: monotonic milliseconds; `jitter`: uniform in [0, 1). */
export type MachineEvent =
  | { readonly kind: 'sign-in'; readonly now: number }
  | { readonly kind: 'signed-in'; readonly now: number }
  | { readonly kind: 'sign-in-failed'; readonly now: number; readonly fault: Fault }
  | { readonly kind: 'sign-out'; readonly now: number }
  /** Every connection is up and every channel has had its first answer. */
  | { readonly kind: 'links-up'; readonly now: number }
  | {
      readonly kind: 'link-down';
      readonly now: number;
      readonly jitter: number;
      readonly advice: Advice;
      readonly fault: Fault;
    }
  | { readonly kind: 'retry-due'; readonly now: number }
  /** The network changed or the machine woke up. */
  | { readonly kind: 'hint'; readonly now: number }
  | { readonly kind: 'stable-due'; readonly now: number }
  | {
      readonly kind: 'session-expired';
      readonly now: number;
      readonly reason: 'expired' | 'ended';
      readonly fault: Fault;
    }
  | { readonly kind: 'close'; readonly now: number };

export type Effect =
  | { readonly kind: 'log-in' }
  | { readonly kind: 'abort-log-in' }
  /** Opens the connections that are not up. */
  | { readonly kind: 'dial'; readonly mustRenew: boolean }
  /** Closes all connections and forgets tokens, organisations and timers of the user. */
  | { readonly kind: 'hang-up' }
  /** Tells the server in the background that the session is over; runs before `hang-up`. */
  | { readonly kind: 'log-out' }
  /** Forget where the channels were: the next subscribe starts anew and catches up. */
  | { readonly kind: 'forget-positions' }
  | { readonly kind: 'set-timer'; readonly event: 'retry-due' | 'stable-due'; readonly at: number }
  | { readonly kind: 'clear-timer' }
  /** Find out now whether connections are alive and tokens good. */
  | { readonly kind: 'probe' }
  /** Ask the API whether the session is over; if not, a `link-down` with `stop` follows. */
  | { readonly kind: 'ask'; readonly fault: Fault };

export interface Step {
  readonly state: MachineState;
  readonly effects: readonly Effect[];
}

type Of<Union, Kind> = Extract<Union, { kind: Kind }>;
type Handler<S extends MachineState['kind'], E extends MachineEvent['kind']> = (
  state: Of<MachineState, S>,
  event: Of<MachineEvent, E>,
) => Step;
type Table = {
  readonly [S in MachineState['kind']]: {
    readonly [E in MachineEvent['kind']]: Handler<S, E>;
  };
};

/** A connection that lasted this long makes the back-off start anew. */
export const STABLE_MS = 30_000;
/** Hints dial at most this often. */
export const HINT_SPACING_MS = 1_000;
/** After so many `retry-later` verdicts in a row the session ends. */
export const MAX_REFUSALS = 10;
/** From this `damp` verdict in a row on, wait minutes and forget positions. */
export const MAX_FLAPS = 3;

const FRESH: Attempts = { tries: 0, renewals: 0, refusals: 0, flaps: 0 };
export const initialState: MachineState = { kind: 'signed-out', reason: 'never' };

const stay = (state: MachineState): Step => ({ state, effects: [] });
const to = (state: MachineState, ...effects: Effect[]): Step => ({ state, effects });

const logIn = () => to({ kind: 'signing-in' }, { kind: 'log-in' });
const close = () => to({ kind: 'closed' }, { kind: 'log-out' }, { kind: 'hang-up' });
const leave = () =>
  to({ kind: 'signed-out', reason: 'signed-out' }, { kind: 'log-out' }, { kind: 'hang-up' });
const changeUser = () =>
  to({ kind: 'signing-in' }, { kind: 'log-out' }, { kind: 'hang-up' }, { kind: 'log-in' });
const expire = (_state: MachineState, event: Of<MachineEvent, 'session-expired'>): Step =>
  to(
    { kind: 'signed-out', reason: event.reason, fault: event.fault },
    { kind: 'abort-log-in' },
    { kind: 'hang-up' },
  );
const goLive = (
  state: Of<MachineState, 'connecting' | 'offline' | 'redialling'>,
  { now }: { readonly now: number },
): Step =>
  to(
    { kind: 'live', attempts: state.attempts },
    { kind: 'set-timer', event: 'stable-due', at: now + STABLE_MS },
  );
const probe = (state: MachineState): Step => to(state, { kind: 'probe' });

function lose(
  { attempts }: { readonly attempts: Attempts },
  event: Of<MachineEvent, 'link-down'>,
): Step {
  const { advice, now } = event;
  if (advice === 'stop') return refuse(event.fault);
  const next: Attempts = {
    tries: attempts.tries + 1,
    renewals: attempts.renewals + (advice === 'renew-once' ? 1 : 0),
    refusals: attempts.refusals + (advice === 'retry-later' ? 1 : 0),
    flaps: advice === 'damp' ? attempts.flaps + 1 : attempts.flaps,
  };
  if (next.renewals > 1 || next.refusals > MAX_REFUSALS) return refuse(event.fault);
  const isFlapping = advice === 'damp' && next.flaps >= MAX_FLAPS;
  const retryAt = now + delayMs(event, attempts, isFlapping);
  return to(
    {
      kind: 'offline',
      attempts: next,
      fault: event.fault,
      retryAt,
      mustRenew: advice === 'renew' || advice === 'renew-once',
      since: now,
    },
    ...(advice === 'ask' ? [{ kind: 'ask', fault: event.fault } as const] : []),
    ...(isFlapping ? [{ kind: 'forget-positions' } as const] : []),
    { kind: 'set-timer', event: 'retry-due', at: retryAt },
  );
}

function delayMs(
  { advice, jitter, fault }: Of<MachineEvent, 'link-down'>,
  attempts: Attempts,
  isFlapping: boolean,
): number {
  const asked = fault.waitMs ?? 0;
  if (isFlapping) return Math.max(asked, flapDelayMs(jitter));
  if (advice === 'retry-later' || advice === 'ask') return Math.max(asked, refusalDelayMs(jitter));
  return Math.max(asked, backOffMs(attempts.tries, jitter));
}

function refuse({ code, detail }: Fault): Step {
  // What is tried again while it lasts is over now, and its sentence must not promise a next try.
  const final = faultTable[code].retry ? 'push_forbidden' : code;
  const fault = makeFault(final, detail === undefined ? {} : { detail });
  return to(
    { kind: 'signed-out', reason: 'refused', fault },
    { kind: 'log-out' },
    { kind: 'hang-up' },
  );
}

function redial(
  state: Of<MachineState, 'offline'>,
  { now }: { readonly now: number },
  ...before: Effect[]
): Step {
  const { attempts, fault, mustRenew } = state;
  return to({ kind: 'redialling', attempts, fault, since: now }, ...before, {
    kind: 'dial',
    mustRenew,
  });
}

/** Another connection fell while one is down already: the earlier and worse of both verdicts. */
function loseMore(state: Of<MachineState, 'offline'>, event: Of<MachineEvent, 'link-down'>): Step {
  if (event.advice === 'stop') return refuse(event.fault);
  if (event.advice === 'ask') return to(state, { kind: 'ask', fault: event.fault });
  const renews = event.advice === 'renew' || event.advice === 'renew-once';
  return stay(renews ? { ...state, mustRenew: true } : state);
}

/** Every pair is written out, ignored ones too: a missing one does not compile. */
const table: Table = {
  'signed-out': {
    'sign-in': logIn,
    'signed-in': stay,
    'sign-in-failed': stay,
    'sign-out': stay,
    'links-up': stay,
    'link-down': stay,
    'retry-due': stay,
    hint: stay,
    'stable-due': stay,
    'session-expired': stay,
    close: () => to({ kind: 'closed' }, { kind: 'hang-up' }),
  },
  'signing-in': {
    'sign-in': () => to({ kind: 'signing-in' }, { kind: 'abort-log-in' }, { kind: 'log-in' }),
    'signed-in': () =>
      to({ kind: 'connecting', attempts: FRESH }, { kind: 'dial', mustRenew: false }),
    'sign-in-failed': (_state, { fault }) =>
      to({ kind: 'signed-out', reason: 'failed', fault }, { kind: 'hang-up' }),
    'sign-out': () =>
      to(
        { kind: 'signed-out', reason: 'signed-out' },
        { kind: 'abort-log-in' },
        { kind: 'hang-up' },
      ),
    'links-up': stay,
    'link-down': stay,
    'retry-due': stay,
    hint: stay,
    'stable-due': stay,
    'session-expired': expire,
    close: () => to({ kind: 'closed' }, { kind: 'abort-log-in' }, { kind: 'hang-up' }),
  },
  connecting: {
    'sign-in': changeUser,
    'signed-in': stay,
    'sign-in-failed': stay,
    'sign-out': leave,
    'links-up': goLive,
    'link-down': lose,
    'retry-due': stay,
    hint: stay,
    'stable-due': stay,
    'session-expired': expire,
    close,
  },
  live: {
    'sign-in': changeUser,
    'signed-in': stay,
    'sign-in-failed': stay,
    'sign-out': leave,
    'links-up': stay,
    'link-down': lose,
    'retry-due': stay,
    hint: probe,
    'stable-due': () => stay({ kind: 'live', attempts: FRESH }),
    'session-expired': expire,
    close,
  },
  offline: {
    'sign-in': changeUser,
    'signed-in': stay,
    'sign-in-failed': stay,
    'sign-out': leave,
    'links-up': goLive,
    'link-down': loseMore,
    'retry-due': (state, event) => redial(state, event),
    hint: (state, event) => {
      const earliest = state.since + HINT_SPACING_MS;
      if (event.now >= earliest) return redial(state, event, { kind: 'clear-timer' });
      // The dial before it may have been just too early for a network that is coming up.
      if (state.retryAt <= earliest) return stay(state);
      const timer = { kind: 'set-timer', event: 'retry-due', at: earliest } as const;
      return to({ ...state, retryAt: earliest }, timer);
    },
    'stable-due': stay,
    'session-expired': expire,
    close,
  },
  redialling: {
    'sign-in': changeUser,
    'signed-in': stay,
    'sign-in-failed': stay,
    'sign-out': leave,
    'links-up': goLive,
    'link-down': lose,
    'retry-due': stay,
    hint: stay,
    'stable-due': stay,
    'session-expired': expire,
    close,
  },
  closed: {
    'sign-in': stay,
    'signed-in': stay,
    'sign-in-failed': stay,
    'sign-out': stay,
    'links-up': stay,
    'link-down': stay,
    'retry-due': stay,
    hint: stay,
    'stable-due': stay,
    'session-expired': stay,
    close: stay,
  },
};

/** One step of the machine. */
export function step(state: MachineState, event: MachineEvent): Step {
  const handler = table[state.kind][event.kind] as (
    state: MachineState,
    event: MachineEvent,
  ) => Step;
  return handler(state, event);
}

/** For tests: every kind of state and event. */
export const stateKinds = Object.keys(table) as readonly MachineState['kind'][];
export const eventKinds = Object.keys(table.closed) as readonly MachineEvent['kind'][];
