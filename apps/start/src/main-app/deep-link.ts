// Where a link into Telex leads, in its two forms:
//   telex://org/ORG/channel/CH/thread/TH        for the desktop client
//   https://SERVER/org/ORG/channel/CH/thread/TH  for a browser
// What is not known is left out from the right.
import type { ThreadTarget } from '../tray/menu-command.ts';

const SCHEME = 'telex://';
/** Ids as servers make them; nothing that a shell, a browser or a path could take for more than a name. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/;

export function deepLink(target: ThreadTarget | undefined): string {
  return `${SCHEME}${pathOf(target)}`;
}

/** @param origin of the server, `https://host[:port]` */
export function webLink(origin: string, target: ThreadTarget | undefined): string {
  return `${origin}/${pathOf(target)}`;
}

/** The target of a `telex://` link; `none`: the link names no place; undefined: it is no such link. */
export function readDeepLink(link: string): ThreadTarget | 'none' | undefined {
  if (!link.toLowerCase().startsWith(SCHEME)) return undefined;
  const [org, organisationId, channel, channelId, thread, threadId, ...more] = link
    .slice(SCHEME.length)
    .replace(/\/$/, '')
    .split('/');
  if (org === '') return 'none';
  const isPlace =
    org === 'org' &&
    isId(organisationId) &&
    (channel === undefined || (channel === 'channel' && isId(channelId))) &&
    (thread === undefined || (thread === 'thread' && isId(threadId))) &&
    more.length === 0;
  return isPlace ? { organisationId, channelId, threadId } : undefined;
}

function pathOf(target: ThreadTarget | undefined): string {
  if (target === undefined || !isId(target.organisationId)) return '';
  const { organisationId, channelId, threadId } = target;
  const organisation = `org/${organisationId}`;
  if (!isId(channelId)) return organisation;
  const channel = `${organisation}/channel/${channelId}`;
  return isId(threadId) ? `${channel}/thread/${threadId}` : channel;
}

function isId(id: string | undefined): id is string {
  return id !== undefined && ID.test(id) && id !== '..';
}
