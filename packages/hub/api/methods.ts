import {
  type ChannelOverride,
  type Disconnect,
  HubError,
  type HubStats,
  type Publication,
  type PublishOptions,
  type PublishResult,
  type ServerSubscription,
  type Whose,
} from '../src/index.ts';
import { presenceResult, presenceStatsResult } from '../src/presence.ts';
import { errorObject } from './errors.ts';
import type { Fields } from './fields.ts';
import type { ApiHost, Method, NodeInfo } from './method.ts';

const DONE = '{}';

/** The methods of Centrifugo's server API (centrifugo.md §11). `batch` is in `batch.ts`. */
export const methods = {
  publish: (fields, { hub }) => {
    const { data, options } = readPublication(fields);
    const channel = fields.text('channel');
    return () => publishResult(hub.publish(given(channel, 'channel'), need(data, 'data'), options));
  },
  broadcast: (fields, host) => {
    const { data, options } = readPublication(fields);
    const channels = fields.texts('channels');
    return () => {
      if (channels.length === 0) throw new HubError('badRequest', 'channels is missing');
      const responses = broadcast(host, channels, need(data, 'data'), options);
      return `{"responses":[${responses.join(',')}]}`;
    };
  },
  subscribe: (fields, { hub }) => {
    const whose = readWhose(fields);
    const channel = fields.text('channel');
    const options = readSubscription(fields);
    return () => {
      hub.subscribe(someone(whose), given(channel, 'channel'), options);
      return DONE;
    };
  },
  unsubscribe: (fields, { hub }) => {
    const whose = readWhose(fields);
    const channel = fields.text('channel');
    return () => {
      hub.unsubscribe(someone(whose), given(channel, 'channel'));
      return DONE;
    };
  },
  disconnect: (fields, { hub }) => {
    const whose = readWhose(fields);
    const except = new Set(fields.texts('whitelist'));
    const disconnect = readDisconnect(fields.object('disconnect'));
    return () => {
      hub.disconnect({ ...someone(whose), except }, disconnect);
      return DONE;
    };
  },
  refresh: (fields, { hub }) => {
    const whose = readWhose(fields);
    const info = fields.json('info');
    // What does not say when it expires does not expire: absent and 0 are the same (§11).
    const expiresAt = fields.whole('expire_at');
    const expired = fields.flag('expired');
    return () => {
      const refresh = { expiresAt, expired, ...(info === undefined ? {} : { info }) };
      hub.refresh(someone(whose), refresh);
      return DONE;
    };
  },
  presence: (fields, { hub }) => {
    const channel = fields.text('channel');
    return () => presenceResult(hub.presence(channel));
  },
  presence_stats: (fields, { hub }) => {
    const channel = fields.text('channel');
    return () => presenceStatsResult(hub.presence(channel));
  },
  history: (fields, { hub }) => {
    const channel = fields.text('channel');
    const limit = fields.whole('limit');
    const reverse = fields.flag('reverse');
    const since = readPosition(fields.object('since'));
    return () => {
      const { publications, epoch, offset } = hub.history(channel, { limit, since, reverse });
      const texts = publications.map(publicationText).join(',');
      return `{"publications":[${texts}],"epoch":${JSON.stringify(epoch)},"offset":${offset}}`;
    };
  },
  history_remove: (fields, { hub }) => {
    const channel = fields.text('channel');
    return () => {
      hub.removeHistory(channel);
      return DONE;
    };
  },
  channels: (fields, { hub }) => {
    const pattern = fields.text('pattern');
    return () => {
      const channels = Array.from(hub.channelNames(pattern === '' ? undefined : pattern));
      const entries = channels.map(([name, clients]) => [name, { num_clients: clients }]);
      return JSON.stringify({ channels: Object.fromEntries(entries) });
    };
  },
  info: (_fields, { hub, node }) => {
    return () => JSON.stringify({ nodes: [nodeResult(node(), hub.stats())] });
  },
  // Stock answers 104 too as long as no proxy takes it.
  rpc: () => () => {
    throw new HubError('methodNotFound');
  },
} as const satisfies Readonly<Record<string, Method>>;

// --- publish -----------------------------------------------------------------------------------------

function readPublication(fields: Fields) {
  const data = fields.base64('b64data') ?? fields.json('data');
  const idempotencyKey = fields.text('idempotency_key');
  const tags = fields.table('tags');
  const options: PublishOptions = {
    ...(idempotencyKey === '' ? {} : { idempotencyKey }),
    ...(tags === undefined ? {} : { tags }),
    ...(fields.flag('skip_history') ? { skipHistory: true } : {}),
  };
  return { data, options };
}

/** All at once where all can be published; else each by itself, since a broadcast is not atomic. */
function broadcast(
  host: ApiHost,
  channels: readonly string[],
  data: string,
  options: PublishOptions,
): string[] {
  const { hub } = host;
  try {
    return hub.broadcast(channels, data, options).map(response);
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    return channels.map((channel) => {
      try {
        return response(hub.publish(channel, data, options));
      } catch (fault) {
        return `{"error":${errorObject(fault, host)}}`;
      }
    });
  }
}

function response(result: PublishResult): string {
  return `{"result":${publishResult(result)}}`;
}

function publishResult({ offset, epoch }: PublishResult): string {
  return offset === undefined ? '{}' : `{"offset":${offset},"epoch":${JSON.stringify(epoch)}}`;
}

function publicationText({ offset, data, tags, info }: Publication): string {
  const publisher = info === undefined ? '' : `,"info":${info}`;
  const labels = tags === undefined ? '' : `,"tags":${JSON.stringify(tags)}`;
  return `{"data":${data}${publisher},"offset":${offset}${labels}}`;
}

// --- subscribe ---------------------------------------------------------------------------------------

const OVERRIDES = {
  presence: 'presence',
  joinLeave: 'join_leave',
  forcePushJoinLeave: 'force_push_join_leave',
  forceRecovery: 'force_recovery',
  forcePositioning: 'force_positioning',
} as const satisfies Record<keyof ChannelOverride, string>;

function readSubscription(fields: Fields): ServerSubscription {
  const info = fields.base64('b64info') ?? fields.json('info');
  const data = fields.base64('b64data') ?? fields.json('data');
  const expiresAt = fields.whole('expire_at');
  const since = readPosition(fields.object('recover_since'));
  const override = readOverride(fields.object('override'));
  return {
    ...(info === undefined ? {} : { info }),
    ...(data === undefined ? {} : { data }),
    ...(expiresAt === 0 ? {} : { expiresAt }),
    ...(since === undefined ? {} : { since }),
    ...(override === undefined ? {} : { override }),
  };
}

/** `{"presence":{"value":true}}` */
function readOverride(fields: Fields | undefined): ChannelOverride | undefined {
  if (fields === undefined) return undefined;
  const entries = Object.entries(OVERRIDES).flatMap(([option, name]) => {
    const value = fields.object(name)?.flag('value');
    return value === undefined ? [] : [[option, value]];
  });
  return Object.fromEntries(entries);
}

// --- whose, where ------------------------------------------------------------------------------------

function readWhose(fields: Fields): Whose {
  const [user, client, session] = ['user', 'client', 'session'].map((name) => {
    const text = fields.text(name);
    return text === '' ? undefined : text;
  });
  return { user, client, session };
}

/** An empty user would mean everyone who is anonymous, which nobody asks for by leaving it out (§11). */
function someone(whose: Whose): Whose {
  if (Object.values(whose).every((value) => value === undefined)) {
    throw new HubError('badRequest', 'user, client or session is missing');
  }
  return whose;
}

function given(text: string, name: string): string {
  if (text === '') throw new HubError('badRequest', `${name} is missing`);
  return text;
}

function need(text: string | undefined, name: string): string {
  return given(text ?? '', name);
}

function readDisconnect(fields: Fields | undefined): Disconnect | undefined {
  if (fields === undefined) return undefined;
  return { code: fields.whole('code'), reason: fields.text('reason') };
}

function readPosition(fields: Fields | undefined) {
  if (fields === undefined) return undefined;
  return { offset: fields.offset('offset'), epoch: fields.text('epoch') };
}

// --- info --------------------------------------------------------------------------------------------

function nodeResult({ uid, name, version, uptimeS }: NodeInfo, stats: HubStats) {
  return {
    uid,
    name,
    version,
    num_clients: stats.clients,
    num_users: stats.users,
    num_subs: stats.subscriptions,
    num_channels: stats.subscribedChannels,
    uptime: uptimeS,
  };
}
