import type { Member } from './client-info.ts';
import type { Disconnect } from './codes.ts';
import type { Counters } from './counters.ts';
import type { History, HistoryQuery } from './history.ts';
import type { HubLimits } from './options.ts';
import type { HubConnection, HubSocket } from './ports.ts';
import type { PublishOptions, PublishResult } from './publishing.ts';
import type { ServerRefresh, ServerSubscription } from './server-side.ts';
import type { Whose } from './whose.ts';

export interface HubStats extends Readonly<Counters> {
  /** Sockets that are open, signed in or not. */
  readonly connections: number;
  /** Connections that are signed in. */
  readonly clients: number;
  /** Users signed in; the anonymous ones are one. */
  readonly users: number;
  /** Channels in memory: those with a history too. */
  readonly channels: number;
  /** Channels that somebody is subscribed to. */
  readonly subscribedChannels: number;
  readonly subscriptions: number;
  /** Characters of data in all histories. */
  readonly historyCharacters: number;
  /** Results remembered for idempotency keys. */
  readonly idempotencyResults: number;
}

/**
 * A push server inside this process, of Centrifugo's JSON protocol (SPEC.md). What it does not do it
 * says by a HubError: of a channel in an unknown namespace `unknownChannel`, of a name that is empty or
 * too long `badRequest`.
 */
export interface Hub {
  readonly limits: HubLimits;
  /** A socket has opened: its WebSocket handshake is done. */
  open(socket: HubSocket): HubConnection;
  /**
   * When it returns, the publication is in the history and in the queue of every subscriber.
   *
   * @param data JSON text, handed on as it is, so that numbers of any size survive
   * @throws HubError `badRequest` when it is not JSON, holds a raw newline (which would end the object,
   *   H12), or is not of the channel's format
   */
  publish(channel: string, data: string, options?: PublishOptions): PublishResult;
  /** Publishes to each channel; results in the same order. Throws as `publish`, before anything is published. */
  broadcast(channels: readonly string[], data: string, options?: PublishOptions): PublishResult[];
  /**
   * Closes connections; says how many. `disconnect` defaults to 3503.
   *
   * @throws HubError `badRequest` when clients would ignore or misread the code or the reason
   */
  disconnect(whose: Whose, disconnect?: Disconnect): number;
  /**
   * Ends subscriptions to a channel, those in flight too, with code 2000; says how many. The token that a
   * client holds stays good: whoever judges tokens has to refuse it (H11).
   */
  unsubscribe(whose: Whose, channel: string): number;
  /**
   * Subscribes connections from the server's side, with a `subscribe` push; says how many. One that has
   * subscribed itself stays as it is, one with too many channels is closed 3505.
   *
   * @throws HubError `expired` when it would be over already
   */
  subscribe(whose: Whose, channel: string, options?: ServerSubscription): number;
  /** Changes when connections expire and what others learn of them, with a `refresh` push; says how many. */
  refresh(whose: Whose, refresh: ServerRefresh): number;
  /** @throws HubError `notAvailable` where presence is off */
  presence(channel: string): readonly Member[];
  /**
   * @throws HubError `notAvailable` where there is no history, `unrecoverablePosition` when `since` is of
   *   another epoch, `badRequest` when there can be nothing before it
   */
  history(channel: string, query: HistoryQuery): History;
  /**
   * Forgets a channel's publications; offset and epoch stay.
   *
   * @throws HubError `notAvailable` where there is no history
   */
  removeHistory(channel: string): void;
  /**
   * Channels that somebody is subscribed to, each with the number of clients. Looks at every channel.
   *
   * @param pattern with `*`, `?`, `[a-z]` and `{a,b}`
   * @throws HubError `badRequest` when the pattern is none
   */
  channelNames(pattern?: string): ReadonlyMap<string, number>;
  stats(): HubStats;
  /** Closes everything with 3001, so that clients come back, to another process or a later one. Idempotent. */
  close(): void;
}
