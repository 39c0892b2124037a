/**
 * The life of a connection (centrifugo.md §2.1), as a pure table of every phase and event.
 * ```
 * fresh ─connect─► checking ─granted─► live ──close──► closing ─gone or deadline─► closed
 *   │                 └──────erred───► refused ────────────────gone or deadline──────┘
 *   └── anything but a connect, or nothing in time: closing
 * ```
 * `checking`: the connect's tokens are being judged; input waits. `refused`: the error reply is out,
 * nothing more is read, and the client is expected to close first. `closing`: our close frame is out.
 */

export type Phase = 'fresh' | 'checking' | 'live' | 'refused' | 'closing' | 'closed';

/**
 * `connect`, `command` (any other), `pong`, `send`, `bad` (not of the protocol): what a client sent.
 * `granted`, `erred`: the connect's outcome. `close`: this side ends it. `deadline`: the phase's time is
 * over. `gone`: the transport has closed.
 */
export type PhaseEvent =
  | 'connect'
  | 'command'
  | 'pong'
  | 'send'
  | 'bad'
  | 'granted'
  | 'erred'
  | 'close'
  | 'deadline'
  | 'gone';

/**
 * `check`: judge the connect's tokens. `wait`: keep the input for later. `run`: carry the command out.
 * `take-pong`. `bad-request`, `stale`, `not-available`, `as-asked`: close with that code. `serve`: answer the
 * connect. `linger`: answer the error and give the peer time to close. `drop`: cut the transport.
 * `leave`: forget the connection. `ignore`: nothing.
 */
export type PhaseEffect =
  | 'check'
  | 'wait'
  | 'run'
  | 'take-pong'
  | 'bad-request'
  | 'not-available'
  | 'stale'
  | 'as-asked'
  | 'serve'
  | 'linger'
  | 'drop'
  | 'leave'
  | 'ignore';

export interface PhaseStep {
  readonly to: Phase;
  readonly effect: PhaseEffect;
}

const to = (phase: Phase, effect: PhaseEffect): PhaseStep => ({ to: phase, effect });
const badRequest = to('closing', 'bad-request');
const asAsked = to('closing', 'as-asked');
const gone = to('closed', 'leave');
const dropped = to('closed', 'drop');
const ignored = (phase: Phase) => to(phase, 'ignore');

export const phases: Readonly<Record<Phase, Readonly<Record<PhaseEvent, PhaseStep>>>> = {
  fresh: {
    connect: to('checking', 'check'),
    command: badRequest,
    pong: badRequest,
    send: badRequest,
    bad: badRequest,
    granted: ignored('fresh'),
    erred: ignored('fresh'),
    close: asAsked,
    deadline: to('closing', 'stale'),
    gone,
  },
  checking: {
    connect: to('checking', 'wait'),
    command: to('checking', 'wait'),
    pong: to('checking', 'wait'),
    send: to('checking', 'wait'),
    bad: to('checking', 'wait'),
    granted: to('live', 'serve'),
    erred: to('refused', 'linger'),
    close: asAsked,
    deadline: to('closing', 'stale'),
    gone,
  },
  live: {
    connect: badRequest,
    command: to('live', 'run'),
    pong: to('live', 'take-pong'),
    send: to('closing', 'not-available'),
    bad: badRequest,
    granted: ignored('live'),
    erred: ignored('live'),
    close: asAsked,
    deadline: ignored('live'),
    gone,
  },
  refused: {
    connect: ignored('refused'),
    command: ignored('refused'),
    pong: ignored('refused'),
    send: ignored('refused'),
    bad: ignored('refused'),
    granted: ignored('refused'),
    erred: ignored('refused'),
    close: asAsked,
    deadline: dropped,
    gone,
  },
  closing: {
    connect: ignored('closing'),
    command: ignored('closing'),
    pong: ignored('closing'),
    send: ignored('closing'),
    bad: ignored('closing'),
    granted: ignored('closing'),
    erred: ignored('closing'),
    close: ignored('closing'),
    deadline: dropped,
    gone,
  },
  closed: {
    connect: ignored('closed'),
    command: ignored('closed'),
    pong: ignored('closed'),
    send: ignored('closed'),
    bad: ignored('closed'),
    granted: ignored('closed'),
    erred: ignored('closed'),
    close: ignored('closed'),
    deadline: ignored('closed'),
    gone: ignored('closed'),
  },
};
