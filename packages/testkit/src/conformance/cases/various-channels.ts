import type { ConfigOverrides } from '../config.ts';

const kept = { history_size: 100, history_ttl: '300s', force_recovery: true };

/** One server for cases that want other options of a channel: a namespace for each. */
export const variousChannels: ConfigOverrides = {
  channel: {
    namespaces: [
      { name: 'unkept' },
      { name: 'few', ...kept, history_size: 5 },
      { name: 'brief', ...kept, history_ttl: '1s' },
      { name: 'seen', ...kept, presence: true },
      {
        name: 'open',
        ...kept,
        allow_subscribe_for_client: true,
        allow_publish_for_subscriber: true,
      },
    ],
  },
  client: { allow_anonymous_connect_without_token: true, recovery_max_publication_limit: 10 },
};

/** A channel's name in one of these namespaces. */
export function within(
  namespace: 'unkept' | 'few' | 'brief' | 'seen' | 'open',
  channel: string,
): string {
  return `${namespace}:${channel}`;
}
