/** Longest name (organisation, channel, person) in a notification, in UTF-16 units. */
export const NAME_LENGTH = 80;
/** Longest message text in a notification. */
export const TEXT_LENGTH = 280;

/**
 * Everything that a terminal or a notification daemon would obey in place of showing it: control characters (C0, DEL, C1),
 * line separators, text direction overrides, zero-width and tag characters. White space of any kind becomes one space.
 */
const unwanted =
  /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]+/gu;

/**
 * Makes foreign text safe to show and at most `limit` UTF-16 units long; a cut ends in `…`. Markup is left as it is: it is
 * text, and nothing renders it.
 */
export function cleanText(text: string, limit: number): string {
  // Cut before looking at it: a name of 20,000 characters costs no more than one of 400.
  const piece = text
    .slice(0, limit * 4)
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .replace(unwanted, '')
    .trim();
  const isWhole = piece.length <= limit && text.length <= limit * 4;
  return isWhole ? piece : `${piece.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
