import type { ErrorName } from './codes.ts';

/**
 * What is wrong with a channel's name, if anything (centrifugo.md §2.4): it is printable ASCII, so that
 * its length counts bytes, and names no namespace, since there is none here.
 */
export function channelNameFault(name: string, mostBytes: number): ErrorName | undefined {
  if (name.length > mostBytes || !/^[\x20-\x7e]+$/.test(name)) return 'badRequest';
  return name.includes(':') ? 'unknownChannel' : undefined;
}
