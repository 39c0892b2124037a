import type { CaseContext } from '../context.ts';
import { textAt } from '../json.ts';

/** Publishes 1 to `count`; the channel's epoch. */
export async function fill({ api }: CaseContext, channel: string, count: number): Promise<string> {
  let epoch = '';
  for (let n = 1; n <= count; n += 1) epoch = textAt(await api.publish(channel, n), 'epoch');
  return epoch;
}
