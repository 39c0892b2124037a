import { key, type Values } from './key.ts';
import { duration, oneOf, text, trueOrFalse, whole } from './types.ts';

export const DATA_FORMATS = ['', 'json', 'json_object'] as const;

const off = (help: string) => key({ fallback: false, type: trueOrFalse, help });

/** Options of `channel.without_namespace` and of each of `channel.namespaces`. */
export const channelKeys = {
  history_size: key({
    fallback: 0,
    type: whole(0),
    help: 'Publications kept for a channel; goes with `history_ttl`.',
  }),
  history_ttl: key({
    fallback: 0,
    type: duration({ leastMs: 0, wholeSeconds: true }),
    help: 'How long publications are kept after the last one.',
  }),
  history_meta_ttl: key({
    fallback: 0,
    type: duration({ leastMs: 0, wholeSeconds: true }),
    help: 'How long offset and epoch are kept after the last publication; `0s`: as `channel.history_meta_ttl`.',
  }),
  force_recovery: off('Every subscription can be recovered from the history.'),
  force_recovery_mode: key({
    fallback: '',
    type: oneOf(['', 'stream']),
    help: 'Only `stream`, which is the default too.',
  }),
  allow_recovery: off('A client may ask for recovery.'),
  force_positioning: off('Every subscription is told its place in the stream.'),
  allow_positioning: off('A client may ask for its place in the stream.'),
  presence: off('Who is subscribed can be asked for.'),
  join_leave: off('Joining and leaving are told to those who may ask for presence and want it.'),
  force_push_join_leave: off('Joining and leaving are told to all subscribers.'),
  allow_subscribe_for_client: off('Signed-in clients subscribe without a token.'),
  allow_subscribe_for_anonymous: off('Anonymous clients do, too.'),
  allow_publish_for_client: off('Signed-in clients may publish.'),
  allow_publish_for_subscriber: off('Subscribers may publish.'),
  allow_publish_for_anonymous: off('Anonymous clients may publish.'),
  allow_history_for_client: off('Signed-in clients may read the history.'),
  allow_history_for_subscriber: off('Subscribers may read the history.'),
  allow_history_for_anonymous: off('Anonymous clients may read the history.'),
  allow_presence_for_client: off('Signed-in clients may ask for presence.'),
  allow_presence_for_subscriber: off('Subscribers may ask for presence.'),
  allow_presence_for_anonymous: off('Anonymous clients may ask for presence.'),
  allow_user_limited_channels: off('`room#ann,bob` is open to ann and bob without a token.'),
  channel_regex: key({
    fallback: '',
    type: text,
    help: 'What a name that clients subscribe to must match; without it, ASCII.',
  }),
  publication_data_format: key<(typeof DATA_FORMATS)[number]>({
    fallback: '',
    type: oneOf(DATA_FORMATS),
    help: '`json_object` refuses other data with error 107; empty: as `channel.publication_data_format`.',
  }),
};

export type ChannelValues = Values<typeof channelKeys>;
export type NamespaceValues = ChannelValues & { readonly name: string };
