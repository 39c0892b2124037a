import type { Fault, SignedOutReason, State, Unread } from '@telex/client';
import { cleanText, NAME_LENGTH } from '../notify/clean-text.ts';
import type { QuietReason } from '../notify/policy-state.ts';
import { counted } from '../notify/wording.ts';
import type { Mute } from './mutes.ts';
import { signInSentence } from './sign-in-sentence.ts';

/** What is true now, for the tray, the terminal and `telex-start status`. */
export interface Status {
  readonly state: State['kind'];
  /** For people: state, reason and what to do. */
  readonly sentence: string;
  /** Stable word for programs: why it is signed out, or the code of the fault. */
  readonly reason?: string;
  readonly user?: { readonly id: string; readonly email?: string };
  readonly organisations: readonly {
    readonly id: string;
    readonly name: string;
    readonly state: 'connecting' | 'live' | 'failed';
    readonly sentence?: string;
  }[];
  /** Threads with something unread. */
  readonly unread: number;
  /** Unix milliseconds of the next try. */
  readonly retry_at_unix_ms?: number;
  readonly quiet: readonly QuietReason[];
  /** Unix milliseconds at which a pause ends. */
  readonly paused_until_unix_ms?: number;
  readonly muted: readonly {
    readonly scope: string;
    readonly label: string;
    readonly until_unix_ms: number;
  }[];
}

/** What keeps notifications back just now. */
export interface Hush {
  readonly quiet: readonly QuietReason[];
  readonly pausedUntilUnixMs: number | undefined;
  readonly muted: readonly Mute[];
}

export function describe(state: State, unread: Unread, hush: Hush): Status {
  const { quiet, pausedUntilUnixMs, muted } = hush;
  const base = {
    ...{ state: state.kind, unread: unread.total, quiet, organisations: [] },
    ...(pausedUntilUnixMs === undefined ? {} : { paused_until_unix_ms: pausedUntilUnixMs }),
    muted: muted.map(({ scope, label, untilUnixMs }) => ({
      ...{ scope, label, until_unix_ms: untilUnixMs },
    })),
  };
  switch (state.kind) {
    case 'signed-out':
      return {
        ...base,
        sentence: signedOutSentence(state.reason, state.fault),
        reason: state.fault?.code ?? state.reason,
      };
    case 'signing-in':
      return { ...base, sentence: 'Signing in…' };
    default: {
      const { id, email } = state.user;
      const signedIn = {
        ...base,
        user: email === undefined ? { id } : { id, email: cleanText(email, 320) },
        organisations: state.organisations.map((each) => ({
          id: each.organisation.id,
          name: cleanText(each.organisation.name, NAME_LENGTH),
          state: each.kind,
          ...(each.kind === 'failed' ? { sentence: each.fault.sentence } : {}),
        })),
      };
      if (state.kind === 'offline') {
        return {
          ...signedIn,
          sentence: `Offline: ${state.reason.sentence}`,
          reason: state.reason.code,
          retry_at_unix_ms: state.retryAtUnixMs,
        };
      }
      const sentence = state.kind === 'live' ? liveSentence(signedIn) : 'Connecting…';
      return { ...signedIn, sentence };
    }
  }
}

function liveSentence({ organisations }: Pick<Status, 'organisations'>): string {
  const live = organisations.filter(({ state }) => state === 'live').map(({ name }) => name);
  const failed = organisations.filter(({ state }) => state === 'failed');
  const faults = failed.map(({ name, sentence }) => ` ${name} does not: ${sentence ?? ''}`);
  if (organisations.length === 0) {
    return 'Live, but you belong to no organisation yet. Ask to be invited; it appears here by itself.';
  }
  if (live.length === 0) return `Connected, but no notifications arrive.${faults.join('')}`;
  const who =
    live.length <= 3
      ? listed(live)
      : `${live[0]} and ${counted(live.length - 1, 'organisation')} more`;
  return `Live: notifications from ${who} arrive.${faults.join('')}`;
}

function listed(names: readonly string[]): string {
  const [last, ...before] = [...names].reverse();
  return before.length === 0 ? (last ?? '') : `${before.reverse().join(', ')} and ${last}`;
}

function signedOutSentence(reason: SignedOutReason, fault: Fault | undefined): string {
  switch (reason) {
    case 'never':
      return 'Nobody is signed in.';
    case 'signed-out':
      return 'You are signed out.';
    case 'closed':
      return 'Telex Start has ended.';
    case 'expired':
      return fault?.sentence ?? 'Your session has expired. Sign in again.';
    case 'ended':
      return fault?.sentence ?? 'Your session was ended from another place. Sign in again.';
    case 'refused':
    case 'failed':
      return fault === undefined ? 'Signing in failed. Try again.' : signInSentence(fault);
  }
}
