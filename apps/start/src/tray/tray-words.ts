import { cleanText, NAME_LENGTH } from '../notify/clean-text.ts';
import type { QuietReason } from '../notify/policy-state.ts';
import { counted, quietReason } from '../notify/wording.ts';
import type { Status } from '../session/status.ts';
import type { TrayState } from './tray-state.ts';

/** Times of day as the tray writes them; both take Unix milliseconds. */
export interface TrayTimes {
  /** `15:30`, with the day where it is not today's. */
  readonly minute: (unixMs: number) => string;
  /** `15:30:12`. */
  readonly second: (unixMs: number) => string;
}

const SENTENCE_LENGTH = 400;

/** The name of the icon for a screen reader, and where hosts list icons. No number: it would change with every message. */
export function titleOf(state: TrayState): string {
  switch (state) {
    case 'signed-out':
      return 'Telex: signed out';
    case 'offline':
      return 'Telex: offline';
    case 'connecting':
      return 'Telex: connecting';
    case 'paused':
      return 'Telex: paused';
    case 'unread':
      return 'Telex: unread messages';
    case 'ok':
      return 'Telex';
  }
}

/** State, reason and next try, one sentence a line; plain text. */
export function tooltipLines(status: Status, times: TrayTimes): readonly string[] {
  const { email } = status.user ?? {};
  return [
    cleanText(status.sentence, SENTENCE_LENGTH),
    ...nextTry(status, times),
    ...quietWords(status, times),
    ...(status.unread > 0 ? [`${unreadWords(status.unread)}.`] : []),
    ...(email === undefined ? [] : [`Signed in as ${cleanText(email, NAME_LENGTH)}.`]),
  ];
}

export function nextTry({ retry_at_unix_ms: at, state }: Status, times: TrayTimes): string[] {
  return state === 'offline' && at !== undefined ? [`Next try at ${times.second(at)}.`] : [];
}

/** Why notifications wait, where they do. */
export function quietWords(status: Status, times: TrayTimes): string[] {
  const { quiet, paused_until_unix_ms: until } = status;
  const waits = (reason: QuietReason): string[] =>
    quiet.includes(reason) ? [`Notifications wait: ${quietReason(reason)}.`] : [];
  return [
    // The one that nobody has asked for comes first.
    ...waits('no-desktop'),
    ...(quiet.includes('paused')
      ? [`Notifications are paused${until === undefined ? '' : ` until ${times.minute(until)}`}.`]
      : []),
    ...waits('do-not-disturb'),
  ];
}

export function unreadWords(unread: number): string {
  return `${counted(unread, 'unread thread')}`;
}

/** By the clock on the wall of this machine. */
export function createTrayTimes(nowUnixMs: () => number): TrayTimes {
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    minute(unixMs) {
      const then = new Date(unixMs);
      const time = `${two(then.getHours())}:${two(then.getMinutes())}`;
      const now = new Date(nowUnixMs());
      if (then.toDateString() === now.toDateString()) return time;
      now.setDate(now.getDate() + 1);
      const day = then.toDateString() === now.toDateString() ? 'tomorrow' : dayOf(then);
      return `${day} ${time}`;
    },
    second(unixMs) {
      const then = new Date(unixMs);
      return [then.getHours(), then.getMinutes(), then.getSeconds()].map(two).join(':');
    },
  };
}

/** `Mon Nov 23`. */
function dayOf(date: Date): string {
  return date.toDateString().slice(0, 10);
}
