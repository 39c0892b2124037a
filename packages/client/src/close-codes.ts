import type { FaultCode } from './faults.ts';

/**
 * What the end of a connection asks for (centrifugo.md §10, "Robust session").
 * `retry`: dial again after the back-off. `renew`: get new tokens before that. `renew-once`: the same,
 * but a second time in a row it ends the session. `retry-later`: after 35 s or more, a few times.
 * `damp`: as retry, but when it repeats wait minutes and forget the position. `ask`: the push server
 * ended it on purpose; ask the API whether the session is over, then stop. `stop`: end the session.
 */
export type Advice = 'retry' | 'renew' | 'renew-once' | 'retry-later' | 'damp' | 'ask' | 'stop';

export interface Verdict {
  readonly advice: Advice;
  readonly fault: FaultCode;
}

const retry = { advice: 'retry', fault: 'link_lost' } as const;
const renew = { advice: 'renew', fault: 'link_lost' } as const;
const later = { advice: 'retry-later', fault: 'push_refused' } as const;
const bug = { advice: 'stop', fault: 'push_protocol' } as const;
const shutOut = { advice: 'ask', fault: 'push_ended' } as const;

/** The SDK would reconnect: its `connecting` codes, and errors on connect that it would retry. */
const lost: Readonly<Record<number, Verdict>> = {
  1: retry, // transport closed, 1006 too
  2: { advice: 'retry', fault: 'link_silent' }, // no ping
  3: { advice: 'retry', fault: 'link_silent' }, // no answer to a subscribe
  4: retry, // error answer to an unsubscribe
  100: { advice: 'retry', fault: 'push_refused' }, // internal server error
  109: renew, // token expired
  111: { advice: 'retry', fault: 'push_refused' }, // too many requests
  3005: renew, // connection expired
  3006: renew, // server-side subscription expired
  3008: { advice: 'damp', fault: 'link_flapping' }, // we read too slowly
  3010: { advice: 'damp', fault: 'link_flapping' }, // insufficient state
  3014: renew, // state invalidated
};

/** The SDK gives up: its `disconnected` codes and terminal closes. */
const ended: Readonly<Record<number, Verdict>> = {
  1: { advice: 'renew-once', fault: 'push_refused' }, // no token
  2: later, // a bad frame, or a handler threw
  3: bug, // frame over the server's limit
  101: later, // unauthorised
  102: bug, // unknown channel in the token
  103: later, // permission denied
  106: later, // limit exceeded
  107: bug, // bad request
  108: bug, // not available
  109: renew, // a refresh came with an expired token
  110: later, // expired by the token's expire_at
  3500: { advice: 'renew-once', fault: 'push_refused' }, // invalid token
  3501: bug, // bad request
  3502: later, // stale
  3503: shutOut, // force disconnect
  3504: later, // connection limit
  3505: later, // channel limit
  3506: bug, // inappropriate protocol
  3507: shutOut, // permission denied
  3508: bug, // not available
  3509: later, // too many errors
};

/** What to do when the SDK reports `connecting` (or a retried connect error) with this code. */
export function verdictOfLost(code: number): Verdict {
  return lost[code] ?? retry;
}

/** What to do when the SDK reports `disconnected` with this code: unknown ones are the operator's. */
export function verdictOfEnded(code: number): Verdict {
  return ended[code] ?? shutOut;
}

/**
 * What the end of one subscription asks for. `live`: a server-side subscription has the channel.
 * `renew`: a new token, then again. `ended`: access is gone until the next list says otherwise.
 */
export type ChannelAdvice = 'live' | 'renew' | 'ended';

const unsubscribed: Readonly<
  Record<number, { readonly advice: ChannelAdvice; readonly fault: FaultCode }>
> = {
  1: { advice: 'renew', fault: 'organisation_token' }, // no token
  101: { advice: 'ended', fault: 'organisation_forbidden' },
  102: { advice: 'ended', fault: 'organisation_failed' }, // unknown channel: configuration
  103: { advice: 'ended', fault: 'organisation_forbidden' }, // permission denied
  105: { advice: 'live', fault: 'organisation_failed' }, // already subscribed
  106: { advice: 'ended', fault: 'organisation_failed' }, // channel limit
  107: { advice: 'ended', fault: 'organisation_failed' },
  108: { advice: 'ended', fault: 'organisation_failed' },
  109: { advice: 'renew', fault: 'organisation_token' },
  110: { advice: 'renew', fault: 'organisation_token' },
  2000: { advice: 'renew', fault: 'organisation_forbidden' }, // unsubscribed by the server
};

export function verdictOfUnsubscribed(code: number): {
  readonly advice: ChannelAdvice;
  readonly fault: FaultCode;
} {
  return unsubscribed[code] ?? { advice: 'ended', fault: 'organisation_failed' };
}
