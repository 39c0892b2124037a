import type { ChannelOptions, HubOptions } from '@telex/hub';
import type { ChannelValues } from './channel-keys.ts';
import type { Config } from './config.ts';

/** What the hub is told of a configuration: limits, times, channels. */
export function hubOptions(
  config: Config,
): Pick<
  HubOptions,
  | 'limits'
  | 'channels'
  | 'allowAnonymousConnectWithoutToken'
  | 'disallowAnonymousConnectionTokens'
  | 'insecure'
> {
  const { keys, withoutNamespace, namespaces } = config;
  return {
    limits: {
      messageBytes: keys['websocket.message_size_limit'],
      queueBytes: keys['client.queue_max_size'],
      channels: keys['client.channel_limit'],
      channelNameBytes: keys['channel.max_length'],
      userConnections: keys['client.user_connection_limit'],
      staleMs: keys['client.stale_close_delay'],
      pingMs: keys['client.ping_interval'],
      pongMs: keys['client.pong_timeout'],
      expiredGraceMs: keys['client.expired_close_delay'],
      expiredSubGraceMs: keys['client.expired_sub_close_delay'],
      historyPublications: keys['client.history_max_publication_limit'],
      recoveryPublications: keys['client.recovery_max_publication_limit'],
    },
    channels: {
      withoutNamespace: channelOptions(withoutNamespace, config),
      namespaces: Object.fromEntries(
        namespaces.map((one) => [one.name, channelOptions(one, config)]),
      ),
    },
    allowAnonymousConnectWithoutToken: keys['client.allow_anonymous_connect_without_token'],
    disallowAnonymousConnectionTokens: keys['client.disallow_anonymous_connection_tokens'],
    insecure: keys['client.insecure'],
  };
}

function channelOptions(one: ChannelValues, { keys }: Config): ChannelOptions {
  const format = one.publication_data_format || keys['channel.publication_data_format'];
  return {
    historySize: one.history_size,
    historyTtlMs: one.history_ttl,
    historyMetaTtlMs: one.history_meta_ttl || keys['channel.history_meta_ttl'],
    forceRecovery: one.force_recovery,
    allowRecovery: one.allow_recovery,
    forcePositioning: one.force_positioning,
    allowPositioning: one.allow_positioning,
    presence: one.presence,
    joinLeave: one.join_leave,
    forcePushJoinLeave: one.force_push_join_leave,
    allowSubscribeForClient: one.allow_subscribe_for_client,
    allowSubscribeForAnonymous: one.allow_subscribe_for_anonymous,
    allowPublishForClient: one.allow_publish_for_client,
    allowPublishForSubscriber: one.allow_publish_for_subscriber,
    allowPublishForAnonymous: one.allow_publish_for_anonymous,
    allowHistoryForClient: one.allow_history_for_client,
    allowHistoryForSubscriber: one.allow_history_for_subscriber,
    allowHistoryForAnonymous: one.allow_history_for_anonymous,
    allowPresenceForClient: one.allow_presence_for_client,
    allowPresenceForSubscriber: one.allow_presence_for_subscriber,
    allowPresenceForAnonymous: one.allow_presence_for_anonymous,
    allowUserLimitedChannels: one.allow_user_limited_channels,
    ...(one.channel_regex === '' ? {} : { channelRegex: one.channel_regex }),
    publicationDataFormat: format,
  };
}
