import type { ChannelKind } from './channel-kinds.ts';
import type { ErrorName } from './codes.ts';
import { utf8Bytes } from './text-frame.ts';

const ASCII = /^[\0-\x7f]*$/;

/**
 * What is wrong with the name of a channel that a client names, if anything (centrifugo.md §2.4): after
 * its namespace it matches the pattern of its kind, or it is ASCII.
 */
export function channelNameFault(
  name: string,
  kind: ChannelKind | undefined,
): ErrorName | undefined {
  if (kind === undefined) return 'unknownChannel';
  const { namePattern } = kind;
  const isGood =
    namePattern === undefined
      ? ASCII.test(name)
      : namePattern.test(name.slice(name.indexOf(':') + 1));
  return isGood ? undefined : 'badRequest';
}

export function isTooLong(name: string, mostBytes: number): boolean {
  if (name.length * 3 <= mostBytes) return false;
  return name.length > mostBytes || utf8Bytes(name) > mostBytes;
}

/** The users that a name like `room#ann,bob` is limited to; undefined: it is not limited. */
export function limitedTo(name: string): readonly string[] | undefined {
  const mark = name.lastIndexOf('#');
  return mark < 0 ? undefined : name.slice(mark + 1).split(',');
}

/** A name that begins so is open to clients with a token only. */
export function isPrivate(name: string): boolean {
  return name.startsWith('$');
}
