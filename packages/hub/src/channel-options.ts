/**
 * What a channel is and what clients may do in it: the channel options of Centrifugo v6 in camel case,
 * times in milliseconds. Everything is off unless it is switched on.
 */
export interface ChannelOptions {
  /** Publications kept a channel; history wants the TTL too. */
  readonly historySize: number;
  /** Since the last publication. */
  readonly historyTtlMs: number;
  /** How long offset and epoch outlive the last publication. */
  readonly historyMetaTtlMs: number;
  /** Every subscription is positioned and can be recovered. Wants history. */
  readonly forceRecovery: boolean;
  /** A client may ask for that; so may one that may read the history. */
  readonly allowRecovery: boolean;
  /** Every subscription is told its place in the stream. */
  readonly forcePositioning: boolean;
  readonly allowPositioning: boolean;
  /** Who is subscribed can be asked for. */
  readonly presence: boolean;
  /** Joining and leaving are told to the subscribers who asked for it and may ask for presence. */
  readonly joinLeave: boolean;
  /** … and to all others. */
  readonly forcePushJoinLeave: boolean;
  /** Any signed-in client may subscribe without a token. */
  readonly allowSubscribeForClient: boolean;
  /** … anonymous ones too. */
  readonly allowSubscribeForAnonymous: boolean;
  readonly allowPublishForClient: boolean;
  readonly allowPublishForSubscriber: boolean;
  readonly allowPublishForAnonymous: boolean;
  readonly allowHistoryForClient: boolean;
  readonly allowHistoryForSubscriber: boolean;
  readonly allowHistoryForAnonymous: boolean;
  readonly allowPresenceForClient: boolean;
  readonly allowPresenceForSubscriber: boolean;
  readonly allowPresenceForAnonymous: boolean;
  /** A name that ends in `#ann,bob` is open to these users, without a token, and to nobody else. */
  readonly allowUserLimitedChannels: boolean;
  /** What the name after the namespace must match, where clients subscribe; default: ASCII. */
  readonly channelRegex?: string;
  /** `json_object`: other data is refused with 107. */
  readonly publicationDataFormat: '' | 'json' | 'json_object';
}

/** What a token or the host says for one subscription in place of its channel's options; what is absent stays as it is. */
export type ChannelOverride = Partial<
  Pick<
    ChannelOptions,
    'presence' | 'joinLeave' | 'forcePushJoinLeave' | 'forceRecovery' | 'forcePositioning'
  >
>;

/** Options of all channels: `news:today` has those of the namespace `news`. */
export interface ChannelRules {
  readonly withoutNamespace?: Partial<ChannelOptions>;
  readonly namespaces?: Readonly<Record<string, Partial<ChannelOptions>>>;
}

const DAY_MS = 86_400_000;

export const defaultChannelOptions: ChannelOptions = {
  historySize: 0,
  historyTtlMs: 0,
  historyMetaTtlMs: 30 * DAY_MS,
  forceRecovery: false,
  allowRecovery: false,
  forcePositioning: false,
  allowPositioning: false,
  presence: false,
  joinLeave: false,
  forcePushJoinLeave: false,
  allowSubscribeForClient: false,
  allowSubscribeForAnonymous: false,
  allowPublishForClient: false,
  allowPublishForSubscriber: false,
  allowPublishForAnonymous: false,
  allowHistoryForClient: false,
  allowHistoryForSubscriber: false,
  allowHistoryForAnonymous: false,
  allowPresenceForClient: false,
  allowPresenceForSubscriber: false,
  allowPresenceForAnonymous: false,
  allowUserLimitedChannels: false,
  publicationDataFormat: '',
};
