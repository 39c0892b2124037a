import { Channel, type ChannelHost } from './channel.ts';
import { type ChannelKind, ChannelKinds } from './channel-kinds.ts';
import { isTooLong } from './channel-name.ts';
import { checkDisconnect } from './check-disconnect.ts';
import { clientIds } from './client-ids.ts';
import { type Disconnect, disconnects, unsubscribes } from './codes.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import { type Counters, count, newCounters } from './counters.ts';
import { FlushRing, FrameJoiner } from './flush-ring.ts';
import { glob } from './glob.ts';
import { readHistory } from './history.ts';
import type { Hub } from './hub.ts';
import { HubError } from './hub-error.ts';
import { IdempotencyKeys } from './idempotency.ts';
import { defaultIdempotencyMs, defaultLimits, type HubLimits, type HubOptions } from './options.ts';
import { dataFault, isFitting } from './publication-data.ts';
import type { Publishing } from './publishing.ts';
import { refreshFromServer, subscribeFromServer } from './server-side.ts';
import type { Session } from './session.ts';
import { SlowQueue } from './slow-queue.ts';
import { newEpoch } from './stream.ts';
import { textFrame } from './text-frame.ts';
import { UserConnections } from './user-connections.ts';
import type { Whose } from './whose.ts';

const VERSION = '0.1.0';
const TICK_MS = 1_000;
/** A tick later than this was held up: nobody could be heard meanwhile. */
const STALL_MS = 1_000;
/** Channels looked at in one sweep step, so that a large hub is never held up by it. */
const SWEEP_STEP = 1_000;

/** @throws RangeError when the options of channels contradict each other */
export function createHub(options: HubOptions): Hub {
  const { clock, random } = options;
  const limits: HubLimits = { ...defaultLimits, ...options.limits };
  const kinds = new ChannelKinds(options.channels ?? {});
  const encodeFrame = options.encodeFrame ?? textFrame;
  const keys = new IdempotencyKeys(
    options.idempotencyMs ?? defaultIdempotencyMs,
    limits.idempotencyResults,
  );
  const ring = new FlushRing(clock);
  const counters = newCounters();
  const slow = new SlowQueue();
  const userConnections = new UserConnections(limits.userConnections);
  const channels = new Map<string, Channel>();
  const connections = new Set<Connection>();
  /** Closing and not gone yet: they still have a deadline. */
  const leaving = new Set<Connection>();
  let historyCharacters = 0;
  /** Of streams that begin now. A new one as soon as a stream is forgotten: its name may begin again. */
  let epoch = newEpoch(random);
  let lastClient = 0;
  let isClosed = false;

  const channelHost: ChannelHost = {
    keys,
    encodeFrame,
    countHistory: (characters) => {
      historyCharacters += characters;
    },
    countPublication: (deliveries) => {
      counters.publications += 1;
      counters.deliveries += deliveries;
    },
    closeSlow: (subscribers) => slow.close(subscribers),
    get isClosed() {
      return isClosed;
    },
  };
  const channelOf = (name: string, kind: ChannelKind): Channel => {
    const known = channels.get(name);
    if (known !== undefined) return known;
    const made = new Channel(channelHost, name, kind, epoch);
    channels.set(name, made);
    return made;
  };
  const release = (channel: Channel) => {
    if (channel.subscriberCount === 0 && !channel.hasStream) channels.delete(channel.name);
  };
  const publish = (name: string, kind: ChannelKind, data: string, publishOptions: Publishing) => {
    const channel = channelOf(name, kind);
    const result = channel.publish(data, publishOptions, clock.now());
    release(channel);
    return result;
  };
  const sweepChannel = (channel: Channel, now: number) => {
    const hadStream = channel.hasStream;
    if (historyCharacters > limits.historyCharacters) {
      channel.cutHistory(Math.floor(channel.historyLength / 2));
    }
    channel.sweep(now);
    if (hadStream && !channel.hasStream) {
      epoch = newEpoch(random);
      release(channel);
    }
  };

  const kindOf = (name: string): ChannelKind => {
    if (name === '' || isTooLong(name, limits.channelNameBytes)) {
      const { channelNameBytes } = limits;
      throw new HubError('badRequest', `a channel's name has 1 to ${channelNameBytes} bytes`);
    }
    const kind = kinds.of(name);
    if (kind === undefined) throw new HubError('unknownChannel');
    return kind;
  };
  const checkPublication = (names: readonly string[], data: string) => {
    const fault = dataFault(data);
    if (fault !== undefined) throw new HubError('badRequest', fault);
    for (const name of names) {
      if (isFitting(kindOf(name), data)) continue;
      throw new HubError('badRequest', 'the data of a publication is not a JSON object');
    }
  };

  const host: ConnectionHost = {
    clock,
    verifier: options.verifier,
    limits,
    version: VERSION,
    isInsecure: options.insecure ?? false,
    withoutToken:
      options.insecure === true || options.allowAnonymousConnectWithoutToken === true
        ? { user: '' }
        : undefined,
    refusesAnonymousTokens: options.disallowAnonymousConnectionTokens ?? false,
    kindOf: (name) => kinds.of(name),
    clientIdOf: options.clientIdOf ?? clientIds(random),
    nextClient: () => {
      lastClient += 1;
      return lastClient;
    },
    random,
    queueBytes: limits.queueBytes,
    encodeFrame,
    joiner: new FrameJoiner(),
    flushSoon: (outbox) => ring.add(outbox),
    channel: channelOf,
    released: release,
    publish,
    countUnsubscribe: (code) => count(counters.unsubscribes, code),
    admit: (user) => userConnections.admit(user),
    left: (user) => userConnections.left(user),
    countCommand: (method) => count(counters.commands, method),
    countRecovery: (isRecovered) => {
      counters.recoveries[isRecovered ? 'recovered' : 'lost'] += 1;
    },
    countError: (code) => count(counters.errors, code),
    ended: (connection, code) => {
      connections.delete(connection);
      leaving.add(connection);
      count(counters.closes, code);
      options.onClose?.(code);
    },
    gone: (connection) => {
      leaving.delete(connection);
    },
  };

  let lastTick = clock.now();
  let sweeping = channels.values();
  const tick = () => {
    const now = clock.now();
    const late = now - lastTick - TICK_MS;
    lastTick = now;
    const stalledMs = late > STALL_MS ? late : 0;
    for (const connection of connections) connection.tick(now, stalledMs);
    for (const connection of leaving) connection.tick(now, stalledMs);
    keys.sweep(now);
    for (let step = 0; step < SWEEP_STEP; step += 1) {
      const next = sweeping.next();
      if (next.done === true) {
        sweeping = channels.values();
        break;
      }
      sweepChannel(next.value, now);
    }
    if (isClosed && leaving.size === 0) stopTicking();
  };
  const stopTicking = clock.every(TICK_MS, tick);

  const disconnect = (whose: Whose, why: Disconnect): number => {
    let closed = 0;
    for (const connection of connections) closed += connection.disconnect(whose, why) ? 1 : 0;
    return closed;
  };
  const act = (whose: Whose, run: (session: Session) => boolean): number => {
    let done = 0;
    for (const connection of connections) done += connection.act(whose, run) ? 1 : 0;
    return done;
  };

  return {
    limits,
    open: (socket) => {
      const connection = new Connection(host, socket);
      connections.add(connection);
      if (isClosed) connection.close(disconnects.shutdown);
      return connection;
    },
    publish: (name, data, publishOptions = {}) => {
      checkPublication([name], data);
      return publish(name, kindOf(name), data, publishOptions);
    },
    broadcast: (names, data, publishOptions = {}) => {
      checkPublication(names, data);
      return names.map((name) => publish(name, kindOf(name), data, publishOptions));
    },
    disconnect: (whose, why = disconnects.forceDisconnect) =>
      disconnect(whose, checkDisconnect(why)),
    unsubscribe: (whose, name) => {
      kindOf(name);
      return act(whose, (session) => session.unsubscribe(name, unsubscribes.server));
    },
    subscribe: (whose, name, subscription = {}) => {
      const kind = kindOf(name);
      const { expiresAt } = subscription;
      if (expiresAt !== undefined && expiresAt * 1000 <= clock.unixMs()) {
        throw new HubError('expired', 'the subscription would be over already');
      }
      return act(whose, (session) => subscribeFromServer(session, name, kind, subscription));
    },
    refresh: (whose, refresh) => {
      if (refresh.expired === true) return disconnect(whose, disconnects.expired);
      return act(whose, (session) => {
        refreshFromServer(session, refresh);
        return true;
      });
    },
    presence: (name) => {
      if (!kindOf(name).presence) throw new HubError('notAvailable');
      return channels.get(name)?.members() ?? [];
    },
    history: (name, query) => {
      const channel = channelOf(name, kindOf(name));
      const history = readHistory(channel, query, clock.now());
      release(channel);
      if (typeof history === 'string') throw new HubError(history);
      return history;
    },
    removeHistory: (name) => {
      if (!kindOf(name).hasHistory) throw new HubError('notAvailable');
      channels.get(name)?.cutHistory(0);
    },
    channelNames: (pattern) => channelNames(channels, pattern),
    stats: () => {
      let clients = 0;
      let subscriptions = 0;
      const users = new Set<string>();
      for (const { subscriptionCount, member } of connections) {
        subscriptions += subscriptionCount;
        if (member === undefined) continue;
        clients += 1;
        users.add(member.user);
      }
      let subscribedChannels = 0;
      for (const { subscriberCount } of channels.values()) {
        if (subscriberCount > 0) subscribedChannels += 1;
      }
      return {
        ...structuredCounters(counters),
        connections: connections.size,
        clients,
        users: users.size,
        channels: channels.size,
        subscribedChannels,
        subscriptions,
        historyCharacters,
        idempotencyResults: keys.size,
      };
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      for (const connection of connections) connection.close(disconnects.shutdown);
      if (leaving.size === 0) stopTicking();
    },
  };
}

function structuredCounters(counters: Counters): Counters {
  return {
    ...counters,
    closes: { ...counters.closes },
    unsubscribes: { ...counters.unsubscribes },
    errors: { ...counters.errors },
    commands: { ...counters.commands },
    recoveries: { ...counters.recoveries },
  };
}

function channelNames(
  channels: ReadonlyMap<string, Channel>,
  pattern: string | undefined,
): ReadonlyMap<string, number> {
  const isWanted = pattern === undefined || pattern === '' ? () => true : globOf(pattern);
  const names = new Map<string, number>();
  for (const [name, { subscriberCount }] of channels) {
    if (subscriberCount > 0 && isWanted(name)) names.set(name, subscriberCount);
  }
  return names;
}

function globOf(pattern: string): (name: string) => boolean {
  try {
    return glob(pattern);
  } catch (error) {
    throw new HubError('badRequest', error instanceof Error ? error.message : undefined);
  }
}
