import type { ChannelKind } from './channel-kinds.ts';
import { isPrivate, limitedTo } from './channel-name.ts';

/** What a client may do with a channel besides subscribing. */
export type Right = 'publish' | 'history' | 'presence';

const RIGHTS = {
  publish: ['allowPublishForClient', 'allowPublishForSubscriber', 'allowPublishForAnonymous'],
  history: ['allowHistoryForClient', 'allowHistoryForSubscriber', 'allowHistoryForAnonymous'],
  presence: ['allowPresenceForClient', 'allowPresenceForSubscriber', 'allowPresenceForAnonymous'],
} as const;

/** Anonymous users (`''`) want the permission for them besides. */
export function may(right: Right, kind: ChannelKind, user: string, isSubscribed: boolean): boolean {
  const [forClient, forSubscriber, forAnonymous] = RIGHTS[right];
  if (!kind[forClient] && !(kind[forSubscriber] && isSubscribed)) return false;
  return user !== '' || kind[forAnonymous];
}

/** Whether a user may subscribe without a token. */
export function maySubscribe(kind: ChannelKind, channel: string, user: string): boolean {
  const users = kind.allowUserLimitedChannels ? limitedTo(channel) : undefined;
  if (users !== undefined) return user !== '' && users.includes(user);
  if (isPrivate(channel) || !kind.allowSubscribeForClient) return false;
  return user !== '' || kind.allowSubscribeForAnonymous;
}
