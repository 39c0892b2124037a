import type { ChannelKind } from './channel-kinds.ts';

/** What is wrong with the data of a publication, if anything: it is JSON text of one line (H12). */
export function dataFault(data: string): string | undefined {
  if (data.includes('\n')) return 'the data of a publication holds a raw newline';
  try {
    JSON.parse(data);
    return undefined;
  } catch {
    return 'the data of a publication is not JSON';
  }
}

/** Whether data, known to be JSON, is of the kind that a channel takes. */
export function isFitting({ publicationDataFormat }: ChannelKind, data: string): boolean {
  return publicationDataFormat !== 'json_object' || data.trimStart().startsWith('{');
}
