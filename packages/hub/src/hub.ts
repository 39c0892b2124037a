import { Channel, type ChannelOptions } from './channel.ts';
import { checkDisconnect, type Disconnect, disconnects, unsubscribes } from './codes.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import { defaultHistory, defaultLimits, type HubLimits, type HubOptions } from './options.ts';
import type { HubSocket } from './ports.ts';
import type { PublishOptions, PublishResult } from './publishing.ts';

const VERSION = '0.1.0';
const TICK_MS = 1_000;
/** A tick later than this was held up: nobody could be heard meanwhile. */
const STALL_MS = 1_000;
/** Channels looked at in one sweep step, so that a large hub is never held up by it. */
const SWEEP_STEP = 1_000;
const DEFAULT_IDEMPOTENCY_MS = 300_000;
const DEFAULT_IDEMPOTENCY_KEYS = 1_000;

/** What a transport tells the hub about one socket. Neither throws. */
export interface HubConnection {
  /** One WebSocket message, as text. */
  receive(text: string): void;
  /** The socket is gone. */
  closed(): void;
}

export interface HubStats {
  readonly connections: number;
  readonly channels: number;
  readonly subscriptions: number;
}

/** Whose connections: all conditions given must hold. */
export interface Whose {
  readonly user?: string;
  readonly session?: string;
}

/** A push server inside this process, of Centrifugo's JSON protocol (SPEC.md). */
export interface Hub {
  readonly limits: HubLimits;
  /** A socket has opened. */
  open(socket: HubSocket): HubConnection;
  /** @param data JSON text; raw newlines are refused with a RangeError, since they end an object (H12) */
  publish(channel: string, data: string, options?: PublishOptions): PublishResult;
  /** Publishes to each channel; results in the same order. */
  broadcast(channels: readonly string[], data: string, options?: PublishOptions): PublishResult[];
  /** Closes connections of a user or a session; says how many. `disconnect` defaults to 3503. */
  disconnect(whose: Whose, disconnect?: Disconnect): number;
  /** Ends a user's subscriptions to a channel, with code 2000; says how many. */
  unsubscribe(user: string, channel: string): number;
  stats(): HubStats;
  /** Closes everything with 3001, so that clients come back, to another process or a later one. Idempotent. */
  close(): void;
}

export function createHub(options: HubOptions): Hub {
  const limits: HubLimits = { ...defaultLimits, ...options.limits };
  const channels = new Map<string, Channel>();
  const connections = new Set<Connection>();
  /** Closing, or refused and not gone yet: they still have a deadline. */
  const leaving = new Set<Connection>();
  const { clock, random, verifier } = options;
  const channelOptions: ChannelOptions = {
    random,
    history: { ...defaultHistory, ...options.history },
    idempotencyMs: options.idempotencyMs ?? DEFAULT_IDEMPOTENCY_MS,
    idempotencyKeys: options.idempotencyKeys ?? DEFAULT_IDEMPOTENCY_KEYS,
  };
  let isClosed = false;

  const channelOf = (name: string): Channel => {
    const known = channels.get(name);
    if (known !== undefined) return known;
    const made = new Channel(name, channelOptions);
    channels.set(name, made);
    return made;
  };
  const publish = (name: string, data: string, publishOptions: PublishOptions = {}) => {
    const channel = channelOf(name);
    const result = channel.publish(data, publishOptions, clock.now());
    if (channel.isIdle) channels.delete(name);
    return result;
  };
  const host: ConnectionHost = {
    clock,
    verifier,
    limits,
    version: VERSION,
    allowPublish: options.allowPublish ?? false,
    allowHistory: options.allowHistory ?? false,
    newClientId: () => clientId(random),
    random,
    channel: channelOf,
    publish,
    ended: (connection, code) => {
      connections.delete(connection);
      leaving.add(connection);
      options.onClose?.(code);
    },
  };

  let lastTick = clock.now();
  const tick = () => {
    const now = clock.now();
    const late = now - lastTick - TICK_MS;
    lastTick = now;
    const stalledMs = late > STALL_MS ? late : 0;
    for (const connection of connections) connection.tick(now, stalledMs);
    for (const connection of leaving) connection.tick(now, stalledMs);
    sweep(now);
  };
  let sweeping = channels.entries();
  const sweep = (now: number) => {
    for (let step = 0; step < SWEEP_STEP; step += 1) {
      const next = sweeping.next();
      if (next.done === true) {
        sweeping = channels.entries();
        return;
      }
      const [name, channel] = next.value;
      if (channel.sweep(now)) channels.delete(name);
    }
  };
  const stopTicking = clock.every(TICK_MS, tick);

  return {
    limits,
    open: (socket) => {
      const connection = new Connection(host, socket);
      if (isClosed) {
        connection.close(disconnects.shutdown);
      } else {
        connections.add(connection);
      }
      return {
        receive: (text) => connection.receive(text),
        closed: () => {
          connection.closed();
          leaving.delete(connection);
        },
      };
    },
    publish: (channel, data, publishOptions) => {
      refuseNewlines(data);
      return publish(channel, data, publishOptions);
    },
    broadcast: (names, data, publishOptions) => {
      refuseNewlines(data);
      return names.map((name) => publish(name, data, publishOptions));
    },
    disconnect: ({ user, session }, disconnect = disconnects.forceDisconnect) => {
      const checked = checkDisconnect(disconnect);
      let count = 0;
      for (const connection of [...connections]) {
        if (user !== undefined && connection.user !== user) continue;
        if (session !== undefined && connection.session !== session) continue;
        if (user === undefined && session === undefined) continue;
        connection.close(checked);
        count += 1;
      }
      return count;
    },
    unsubscribe: (user, name) => {
      let count = 0;
      for (const subscriber of [...(channels.get(name)?.subscribers ?? [])]) {
        if (!(subscriber instanceof Connection) || subscriber.user !== user) continue;
        subscriber.unsubscribe(name, unsubscribes.server);
        count += 1;
      }
      return count;
    },
    stats: () => {
      let subscriptions = 0;
      for (const connection of connections) subscriptions += connection.subscriptionCount;
      return { connections: connections.size, channels: channels.size, subscriptions };
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      stopTicking();
      for (const connection of [...connections]) connection.close(disconnects.shutdown);
    },
  };
}

function refuseNewlines(data: string): void {
  if (data.includes('\n')) throw new RangeError('the data of a publication holds a raw newline');
}

/** A client id in the form of a UUID version 4. It names a connection; it is no secret. */
function clientId(random: () => number): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  const variant = '89ab'[Math.floor(random() * 4)] ?? '8';
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
}
