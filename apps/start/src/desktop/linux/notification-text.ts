import type { NotificationServer } from './notification-server.ts';

/** What XML or D-Bus can't carry. cleanText has taken it out of what came from outside; one left would cost the whole bubble. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
const unsendable = /[\u0000-\u0008\u000b-\u001f\u007f\ufffe\uffff]/g;

/** A summary is plain text everywhere (Desktop Notifications Specification, "Markup"). */
export function summaryText(text: string): string {
  return text.toWellFormed().replace(unsendable, '');
}

/**
 * Text such that the daemon shows it as it is: escaped where it renders markup, or may. A list of capabilities that was read
 * before the daemon was up let a `<b>` of a message be rendered.
 */
export function bodyText(
  text: string,
  { name, capabilities }: Pick<NotificationServer, 'name' | 'capabilities'>,
): string {
  const sendable = summaryText(text);
  if (capabilities === undefined || capabilities.has('body-markup')) return escaped(sendable);
  return name === 'dunst' ? inert(sendable) : sendable;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * Text that is nowhere markup, and reads nearly the same. dunst 1.9.0 does not offer `body-markup` where its configuration
 * leaves `markup` out, and renders it; where that says `no`, it does not.
 */
function inert(text: string): string {
  return text.replaceAll('&', '&\u2060').replaceAll('<', '‹').replaceAll('>', '›');
}
