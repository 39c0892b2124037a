import { Channel, type ChannelHost } from './channel.ts';
import { channelNameFault } from './channel-name.ts';
import { checkDisconnect, type Disconnect, disconnects, unsubscribes } from './codes.ts';
import { Connection, type ConnectionHost, type Whose } from './connection.ts';
import { type Counters, count, newCounters } from './counters.ts';
import { FlushRing, FrameJoiner } from './flush-ring.ts';
import { IdempotencyKeys } from './idempotency.ts';
import {
  defaultHistory,
  defaultIdempotencyMs,
  defaultLimits,
  type HubLimits,
  type HubOptions,
} from './options.ts';
import type { HubConnection, HubSocket, Random } from './ports.ts';
import { Presence } from './presence.ts';
import type { PublishOptions, PublishResult } from './publishing.ts';
import { newEpoch } from './stream.ts';
import { textFrame } from './text-frame.ts';

const VERSION = '0.1.0';
const TICK_MS = 1_000;
/** A tick later than this was held up: nobody could be heard meanwhile. */
const STALL_MS = 1_000;
/** Channels looked at in one sweep step, so that a large hub is never held up by it. */
const SWEEP_STEP = 1_000;

export interface HubStats extends Readonly<Counters> {
  /** Sockets that are open, signed in or not. */
  readonly connections: number;
  readonly channels: number;
  readonly subscriptions: number;
  /** Characters of data in all histories. */
  readonly historyCharacters: number;
  /** Results remembered for idempotency keys. */
  readonly idempotencyResults: number;
}

/** A push server inside this process, of Centrifugo's JSON protocol (SPEC.md). */
export interface Hub {
  readonly limits: HubLimits;
  /** A socket has opened: its WebSocket handshake is done. */
  open(socket: HubSocket): HubConnection;
  /**
   * When it returns, the publication is in the history and in the queue of every subscriber.
   *
   * @param data JSON text, handed on as it is, so that numbers of any size survive
   * @throws RangeError when it is not JSON, holds a raw newline (which would end the object, H12), or the
   *   channel's name is not one that a client could subscribe to
   */
  publish(channel: string, data: string, options?: PublishOptions): PublishResult;
  /** Publishes to each channel; results in the same order. Throws as `publish`, before anything is published. */
  broadcast(channels: readonly string[], data: string, options?: PublishOptions): PublishResult[];
  /**
   * Closes connections of a user or a session; says how many. `disconnect` defaults to 3503.
   *
   * @throws RangeError when clients would ignore or misread the code or the reason
   */
  disconnect(whose: Whose, disconnect?: Disconnect): number;
  /**
   * Ends a user's subscriptions to a channel, those in flight too, with code 2000; says how many. The
   * token that a client holds stays good: whoever judges tokens has to refuse it (H11).
   */
  unsubscribe(user: string, channel: string): number;
  stats(): HubStats;
  /** Closes everything with 3001, so that clients come back, to another process or a later one. Idempotent. */
  close(): void;
}

export function createHub(options: HubOptions): Hub {
  const { clock, random } = options;
  const limits: HubLimits = { ...defaultLimits, ...options.limits };
  const history = { ...defaultHistory, ...options.history };
  const encodeFrame = options.encodeFrame ?? textFrame;
  const keys = new IdempotencyKeys(
    options.idempotencyMs ?? defaultIdempotencyMs,
    limits.idempotencyResults,
  );
  const ring = new FlushRing(clock);
  const counters = newCounters();
  const channels = new Map<string, Channel>();
  const connections = new Set<Connection>();
  /** Closing and not gone yet: they still have a deadline. */
  const leaving = new Set<Connection>();
  let historyCharacters = 0;
  /** Of streams that begin now. A new one as soon as a stream is forgotten: its name may begin again. */
  let epoch = newEpoch(random);
  let isClosed = false;

  const channelHost: ChannelHost = {
    history,
    keys,
    encodeFrame,
    countHistory: (characters) => {
      historyCharacters += characters;
    },
    countPublication: (deliveries) => {
      counters.publications += 1;
      counters.deliveries += deliveries;
    },
  };
  const channelOf = (name: string): Channel => {
    const known = channels.get(name);
    if (known !== undefined) return known;
    const made = new Channel(channelHost, name, epoch);
    channels.set(name, made);
    return made;
  };
  const release = (channel: Channel) => {
    if (channel.subscriberCount === 0 && !channel.hasStream) channels.delete(channel.name);
  };
  const publish = (name: string, data: string, publishOptions: PublishOptions = {}) => {
    const channel = channelOf(name);
    const result = channel.publish(data, publishOptions, clock.now());
    release(channel);
    return result;
  };
  const sweepChannel = (channel: Channel, now: number) => {
    const hadStream = channel.hasStream;
    if (historyCharacters > limits.historyCharacters) channel.halveHistory();
    channel.sweep(now);
    if (hadStream && !channel.hasStream) {
      epoch = newEpoch(random);
      release(channel);
    }
  };

  const presence = options.presence === true ? new Presence() : undefined;
  const host: ConnectionHost = {
    clock,
    verifier: options.verifier,
    limits,
    version: VERSION,
    allowPublish: options.allowPublish ?? false,
    allowHistory: options.allowHistory ?? false,
    allowPresence: options.allowPresence ?? false,
    presence,
    newClientId: options.newClientId ?? (() => clientId(random)),
    random,
    queueBytes: limits.queueBytes,
    encodeFrame,
    joiner: new FrameJoiner(),
    flushSoon: (outbox) => ring.add(outbox),
    channel: channelOf,
    released: release,
    publish,
    countUnsubscribe: (code) => count(counters.unsubscribes, code),
    countError: (code) => count(counters.errors, code),
    ended: (connection, code) => {
      connections.delete(connection);
      presence?.remove(connection);
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

  return {
    limits,
    open: (socket) => {
      const connection = new Connection(host, socket);
      connections.add(connection);
      if (isClosed) connection.close(disconnects.shutdown);
      return connection;
    },
    publish: (channel, data, publishOptions) => {
      checkPublication([channel], data, limits);
      return publish(channel, data, publishOptions);
    },
    broadcast: (names, data, publishOptions) => {
      checkPublication(names, data, limits);
      return names.map((name) => publish(name, data, publishOptions));
    },
    disconnect: (whose, disconnect = disconnects.forceDisconnect) => {
      const why = checkDisconnect(disconnect);
      let closed = 0;
      for (const connection of connections) closed += connection.disconnect(whose, why) ? 1 : 0;
      return closed;
    },
    unsubscribe: (user, name) => {
      let ended = 0;
      for (const connection of connections) {
        if (connection.user !== user) continue;
        ended += connection.unsubscribe(name, unsubscribes.server) ? 1 : 0;
      }
      return ended;
    },
    stats: () => {
      let subscriptions = 0;
      for (const connection of connections) subscriptions += connection.subscriptionCount;
      return {
        ...structuredCounters(counters),
        connections: connections.size,
        channels: channels.size,
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
  };
}

function checkPublication(names: readonly string[], data: string, limits: HubLimits): void {
  if (data.includes('\n')) throw new RangeError('the data of a publication holds a raw newline');
  try {
    JSON.parse(data);
  } catch {
    throw new RangeError('the data of a publication is not JSON');
  }
  for (const name of names) {
    if (channelNameFault(name, limits.channelNameBytes) === undefined) continue;
    throw new RangeError(
      `a channel to publish to is named with 1 to ${limits.channelNameBytes} printable ASCII characters and no colon`,
    );
  }
}

/** A client id in the form of a UUID version 4. It names a connection; it is no secret. */
function clientId(random: Random): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  const variant = '89ab'[Math.floor(random() * 4)] ?? '8';
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
}
