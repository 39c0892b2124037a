import type { Arrival } from './arrival.ts';

/** A message as the policy gets it, for tests; every field can be given. */
export function message(fields: Partial<Arrival> = {}): Arrival {
  const thread = fields.threadId ?? 'thread-1';
  return {
    type: 'message',
    id: 'n-1',
    messageId: 'm-1',
    threadId: thread,
    threadKey: `thread org ${thread}`,
    channelKey: 'channel org general',
    channelId: 'general',
    organisationId: 'org',
    authorId: 'ann',
    seq: undefined,
    via: 'live',
    content: {
      organisation: 'Acme',
      channel: 'general',
      author: 'Ann',
      text: 'hello',
      sentAtUnixMs: 0,
    },
    ...fields,
  };
}
