import type { Content } from './decision.ts';

/** A notification in words: a short title and a body; both may be empty of markup, never of safety (clean-text.ts). */
export interface Words {
  readonly title: string;
  readonly body: string;
}

/** How a time is written, `HH:MM` by the clock on the wall. */
export type FormatTime = (unixMs: number) => string;

export function wordsOf(content: Content, formatTime: FormatTime): Words {
  switch (content.kind) {
    case 'message': {
      const place = [content.organisation, content.channel].filter((part) => part !== '');
      const text = content.text === '' ? 'new message' : content.text;
      return {
        title: place.join(' › '),
        body: content.author === '' ? text : `${content.author}: ${text}`,
      };
    }
    case 'test':
      return {
        title: `Test notification${content.organisation === '' ? '' : ` · ${content.organisation}`}`,
        body: content.text === '' ? 'Notifications reach you.' : content.text,
      };
    case 'note':
      return { title: content.title, body: content.text };
    case 'summary':
      return { title: 'Telex', body: summarySentence(content, formatTime) };
  }
}

function summarySentence(
  summary: Extract<Content, { kind: 'summary' }>,
  formatTime: FormatTime,
): string {
  const { messages, channels, place, cause, doubtful, gap } = summary;
  const what = cause === 'away' ? 'unread' : 'new';
  const when =
    cause === 'away' ? ' while you were away' : cause === 'quiet' ? ' while it was quiet' : '';
  const sentences = [
    ...(messages > 0
      ? [`${messages} ${what} in ${counted(channels, 'channel')}${placeOf(place)}${when}`]
      : []),
    ...(doubtful > 0 ? [`${doubtful} of them may have been shown before`] : []),
    ...(gap === undefined ? [] : [gapSentence(gap, formatTime)]),
  ];
  return sentences.join('; ');
}

function placeOf(place: { organisation: string; channel: string } | undefined): string {
  const names = [place?.organisation, place?.channel].filter(Boolean);
  return names.length === 0 ? '' : ` (${names.join(' › ')})`;
}

function gapSentence(
  gap: 'unknown' | { readonly fromUnixMs: number; readonly untilUnixMs: number },
  formatTime: FormatTime,
): string {
  const when =
    gap === 'unknown' ? '' : ` ${formatTime(gap.fromUnixMs)}–${formatTime(gap.untilUnixMs)}`;
  return `history gap${when}: open Telex to see what is unread`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Why notifications wait, in words; a reason that this version does not know stays as it is. */
export function quietReason(reason: string): string {
  switch (reason) {
    case 'do-not-disturb':
      return 'do not disturb is on';
    case 'locked':
      return 'the screen is locked';
    case 'no-desktop':
      return 'no program here shows them';
    default:
      return reason;
  }
}

/** Local time of day, `07:45`. */
export function clockTime(unixMs: number): string {
  const date = new Date(unixMs);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}
