import { Centrifuge, type Subscription } from 'centrifuge';
import {
  type Verdict,
  verdictOfEnded,
  verdictOfLost,
  verdictOfUnsubscribed,
} from './close-codes.ts';
import type { FaultCode } from './faults.ts';
import type { Clock, Random, WebSocketLike } from './ports.ts';
import { pushSocketClass } from './push-socket.ts';
import { backOffMs } from './reconnect-policy.ts';

/** Most channels on one connection: Centrifugo's default limit (centrifugo.md §2.4). */
export const MAX_CHANNELS_PER_LINK = 128;
const ANSWER_TIMEOUT_MS = 10_000;
/** Silence of a ping interval and this means a dead link. */
const PING_GRACE_MS = 10_000;
/** An answer to a probe takes no longer. */
const PROBE_MS = 3_000;
/** New tokens asked for one channel in a row before it is given up until the next list. */
const MAX_CHANNEL_RENEWALS = 5;
/** A channel that was live for this long, or given up for this long, starts its tries anew. */
const CHANNEL_STABLE_MS = 30_000;

/** Where tokens come from. `fresh…` gives one that differs from `used`, or rejects. */
export interface LinkTokens {
  connect(): string;
  freshConnect(used: string): Promise<string>;
  channel(channel: string): string | undefined;
  freshChannel(channel: string, used: string): Promise<string>;
}

export interface LinkEvents {
  /** Connected, and every channel has had its first answer. */
  onUp(): void;
  /** Ended by itself; it stays down until the next `dial`. */
  onDown(verdict: Verdict, detail: string): void;
  /** `isWhole`: nothing was missed since it was live the last time. */
  onChannelLive(channel: string, isWhole: boolean): void;
  onChannelConnecting(channel: string): void;
  onChannelFailed(channel: string, fault: FaultCode, detail: string): void;
  /** `isReplay`: out of the push server's history, after a break. */
  onPublication(channel: string, data: unknown, isReplay: boolean): void;
  onBadFrame(leftOut: number): void;
  /** A handler of ours threw; the link goes on. */
  onBug(error: unknown): void;
}

export interface LinkOptions {
  readonly url: string;
  readonly program: string;
  readonly tokens: LinkTokens;
  readonly events: LinkEvents;
  readonly clock: Clock;
  readonly random: Random;
  readonly takeSocket: (url: string) => WebSocketLike;
}

interface Position {
  offset: number;
  epoch: string;
}

interface Channel {
  subscription: Subscription | undefined;
  token: string;
  /** Where the stream is, to continue from with another Subscription. */
  position: Position | undefined;
  isLive: boolean;
  isReplaying: boolean;
  /** The SDK waits before its next try: a new Subscription does not. */
  mustRecreate: boolean;
  renewals: number;
  /** When it became live or ended, by the monotonic clock. */
  changedAt: number;
  cancelRenewal: () => void;
}

/**
 * One connection to the push server, the official SDK inside. It never reconnects by itself: a loss is
 * reported, and the session's machine decides when to dial again.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #channels = new Map<string, Channel>();
  /** Channels without a first answer since the dial. */
  readonly #unanswered = new Set<string>();
  #client: Centrifuge | undefined;
  #connectToken = '';
  /** The connection token that was answered 109. */
  #refusedToken = '';
  #phase: 'down' | 'dialling' | 'connected' | 'up' = 'down';

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#phase === 'up';
  }

  get isDown(): boolean {
    return this.#phase === 'down';
  }

  get size(): number {
    return this.#channels.size;
  }

  channels(): string[] {
    return [...this.#channels.keys()];
  }

  has(channel: string): boolean {
    return this.#channels.has(channel);
  }

  /** Adds a channel; subscribed at once where the connection is up. */
  add(channel: string): void {
    if (this.#channels.has(channel)) return;
    this.#channels.set(channel, {
      subscription: undefined,
      token: '',
      position: undefined,
      isLive: false,
      isReplaying: false,
      mustRecreate: false,
      renewals: 0,
      changedAt: 0,
      cancelRenewal: () => {},
    });
    if (this.#phase === 'down') return;
    this.#subscribe(channel);
  }

  remove(channel: string): void {
    const entry = this.#channels.get(channel);
    if (entry === undefined) return;
    this.#channels.delete(channel);
    entry.cancelRenewal();
    this.#dropSubscription(entry);
    this.#answered(channel);
  }

  /** Tries a channel that was given up. */
  retry(channel: string): void {
    const entry = this.#channels.get(channel);
    if (entry === undefined || entry.isLive || this.#phase === 'down') return;
    // One that is being renewed is on its way by itself.
    if (this.#unanswered.has(channel) || !this.#isSettled(entry)) return;
    entry.renewals = 0;
    this.#subscribe(channel);
  }

  dial(): void {
    if (this.#phase !== 'down') return;
    this.#phase = 'dialling';
    const { tokens } = this.#options;
    this.#connectToken = tokens.connect();
    const client = this.#client ?? this.#createClient();
    client.setToken(this.#connectToken);
    this.#unanswered.clear();
    for (const [channel, entry] of this.#channels) {
      entry.renewals = 0;
      this.#subscribe(channel);
    }
    client.connect();
  }

  /** Asks the server anything: an answer, be it an error, shows that the link is alive. */
  probe(): void {
    const client = this.#client;
    if (client === undefined || this.#phase !== 'up') return;
    const silent = () => {
      if (client === this.#client) this.#fail(verdictOfLost(2), 'no answer to a probe');
    };
    const cancel = this.#options.clock.after(PROBE_MS, silent);
    client.rpc('probe', null).then(cancel, (error: { readonly code?: unknown }) => {
      cancel();
      const isAnswer = typeof error?.code === 'number' && error.code >= 100;
      if (!isAnswer) silent();
    });
  }

  forgetPositions(): void {
    for (const entry of this.#channels.values()) {
      entry.position = undefined;
      if (this.#phase === 'down') this.#dropSubscription(entry);
    }
  }

  close(): void {
    this.#phase = 'down';
    for (const entry of this.#channels.values()) entry.cancelRenewal();
    this.#dropClient();
    this.#channels.clear();
    this.#unanswered.clear();
  }

  #createClient(): Centrifuge {
    const { url, program, tokens, events, takeSocket } = this.#options;
    const client = new Centrifuge(url, {
      websocket: pushSocketClass({
        take: takeSocket,
        onBadFrame: (leftOut) => this.#guarded(() => events.onBadFrame(leftOut)),
      }),
      name: program.slice(0, 16),
      timeout: ANSWER_TIMEOUT_MS,
      maxServerPingDelay: PING_GRACE_MS,
      getToken: async () => {
        // After a 109 the SDK asks before it dials, though the session may have renewed already.
        const used = this.#phase === 'dialling' ? this.#refusedToken : this.#connectToken;
        this.#connectToken = await tokens.freshConnect(used);
        return this.#connectToken;
      },
    });
    const own = (run: () => void) => {
      if (client === this.#client) this.#guarded(run);
    };
    client.on('connected', () => own(() => this.#connected()));
    client.on('connecting', ({ code, reason }) =>
      own(() => {
        if (code !== 0) this.#fail(verdictOfLost(code), `${code} ${reason}`);
      }),
    );
    client.on('disconnected', ({ code, reason }) =>
      own(() => {
        if (this.#phase !== 'down') this.#fail(verdictOfEnded(code), `${code} ${reason}`, true);
      }),
    );
    client.on('error', ({ type, error }) =>
      own(() => {
        if (type === 'transport') this.#fail(dialFailed, error.message);
        else if (type === 'connect') {
          if (error.code === 109) this.#refusedToken = this.#connectToken;
          // Codes below 100 are the SDK's own: no answer, or the transport closed.
          const verdict = error.code < 100 ? dialFailed : verdictOfLost(error.code);
          this.#fail(verdict, `${error.code} ${error.message}`);
        } else if (type === 'connectToken')
          this.#fail(verdictOfLost(1), 'no token to connect with');
      }),
    );
    // Server-side subscriptions: the channels come with the connection token.
    client.on('subscribed', (context) => own(() => this.#channelLive(context.channel, context)));
    client.on('unsubscribed', ({ channel }) => own(() => this.#channelLost(channel)));
    client.on('publication', ({ channel, data }) => own(() => this.#publication(channel, data)));
    this.#client = client;
    return client;
  }

  #subscribe(channel: string): void {
    const entry = this.#channels.get(channel);
    const client = this.#client;
    if (entry === undefined || client === undefined) return;
    const token = this.#options.tokens.channel(channel);
    if (token === undefined) return;
    this.#unanswered.add(channel);
    entry.isLive = false;
    if (entry.subscription === undefined || entry.token !== token || entry.mustRecreate) {
      this.#dropSubscription(entry);
      entry.mustRecreate = false;
      entry.token = token;
      entry.subscription = this.#createSubscription(client, channel, entry);
    }
    entry.subscription.subscribe();
  }

  #createSubscription(client: Centrifuge, channel: string, entry: Channel): Subscription {
    const { tokens, events } = this.#options;
    const subscription = client.newSubscription(channel, {
      token: entry.token,
      getToken: async () => {
        const fresh = await tokens.freshChannel(channel, entry.token);
        entry.token = fresh;
        return fresh;
      },
      ...(entry.position === undefined ? {} : { since: { ...entry.position } }),
    });
    const own = (run: () => void) => {
      if (entry.subscription === subscription && this.#channels.get(channel) === entry) {
        this.#guarded(run);
      }
    };
    subscription.on('subscribed', (context) => own(() => this.#channelLive(channel, context)));
    subscription.on('subscribing', ({ code }) =>
      own(() => {
        if (code >= 2500) this.#channelLost(channel);
      }),
    );
    subscription.on('unsubscribed', ({ code, reason }) =>
      own(() => {
        if (code !== 0) this.#channelEnded(channel, entry, code, reason);
      }),
    );
    subscription.on('publication', ({ data, offset }) =>
      own(() => {
        if (entry.position !== undefined && offset !== undefined) entry.position.offset = offset;
        this.#publication(channel, data);
      }),
    );
    subscription.on('error', ({ type, error }) =>
      own(() => {
        // A refresh that failed is tried again by the SDK, and the channel is live meanwhile.
        if (type !== 'subscribe' && type !== 'subscribeToken') return;
        entry.mustRecreate = true;
        const fault = error.code === 109 ? 'organisation_token' : 'organisation_failed';
        events.onChannelFailed(channel, fault, `${error.code} ${error.message}`);
        this.#answered(channel);
      }),
    );
    return subscription;
  }

  #connected(): void {
    this.#phase = 'connected';
    this.#settle();
  }

  #channelLive(
    channel: string,
    context: {
      readonly wasRecovering: boolean;
      readonly recovered: boolean;
      readonly hasRecoveredPublications: boolean;
      readonly streamPosition?: { readonly offset: number; readonly epoch: string };
    },
  ): void {
    const entry = this.#channels.get(channel);
    if (entry === undefined) return;
    const { streamPosition } = context;
    entry.position = streamPosition === undefined ? undefined : { ...streamPosition };
    entry.isLive = true;
    entry.mustRecreate = false;
    entry.changedAt = this.#options.clock.now();
    if (context.hasRecoveredPublications) {
      // They are dispatched in this very turn.
      entry.isReplaying = true;
      queueMicrotask(() => {
        entry.isReplaying = false;
      });
    }
    this.#options.events.onChannelLive(channel, context.wasRecovering && context.recovered);
    this.#answered(channel);
  }

  #channelLost(channel: string): void {
    const entry = this.#channels.get(channel);
    if (entry === undefined || this.#phase === 'down') return;
    entry.isLive = false;
    this.#options.events.onChannelConnecting(channel);
  }

  #channelEnded(channel: string, entry: Channel, code: number, reason: string): void {
    const { advice, fault } = verdictOfUnsubscribed(code);
    if (advice === 'live') {
      // The server-side subscription, where there is one, has announced itself before.
      if (!entry.isLive) {
        entry.isLive = true;
        this.#options.events.onChannelLive(channel, false);
      }
      this.#answered(channel);
      return;
    }
    if (entry.isLive && this.#isSettled(entry)) entry.renewals = 0;
    entry.isLive = false;
    entry.changedAt = this.#options.clock.now();
    this.#options.events.onChannelFailed(channel, fault, `${code} ${reason}`);
    if (advice === 'renew' && entry.renewals < MAX_CHANNEL_RENEWALS)
      this.#renewLater(channel, entry);
    this.#answered(channel);
  }

  #renewLater(channel: string, entry: Channel): void {
    const { clock, random, tokens } = this.#options;
    const delayMs = backOffMs(entry.renewals, random());
    entry.renewals += 1;
    entry.cancelRenewal();
    entry.cancelRenewal = clock.after(delayMs, () => {
      tokens.freshChannel(channel, entry.token).then(
        () => {
          const isCurrent = this.#channels.get(channel) === entry && !entry.isLive;
          if (isCurrent && this.#phase !== 'down') this.#subscribe(channel);
        },
        () => {
          const isCurrent = this.#channels.get(channel) === entry && this.#phase !== 'down';
          if (isCurrent && entry.renewals < MAX_CHANNEL_RENEWALS) this.#renewLater(channel, entry);
        },
      );
    });
  }

  #isSettled(entry: Channel): boolean {
    return this.#options.clock.now() - entry.changedAt >= CHANNEL_STABLE_MS;
  }

  #publication(channel: string, data: unknown): void {
    const entry = this.#channels.get(channel);
    if (entry === undefined) return;
    this.#options.events.onPublication(channel, data, entry.isReplaying);
  }

  #answered(channel: string): void {
    this.#unanswered.delete(channel);
    this.#settle();
  }

  #settle(): void {
    if (this.#phase !== 'connected' || this.#unanswered.size > 0) return;
    this.#phase = 'up';
    this.#options.events.onUp();
  }

  #fail(verdict: Verdict, detail: string, rebuild = false): void {
    if (this.#phase === 'down') return;
    this.#phase = 'down';
    this.#unanswered.clear();
    for (const [channel, entry] of this.#channels) {
      entry.cancelRenewal();
      if (entry.isLive) this.#options.events.onChannelConnecting(channel);
      entry.isLive = false;
    }
    // After an end of its own the SDK may be in any state (code 2): start with a new one.
    if (rebuild) this.#dropClient();
    else this.#client?.disconnect();
    this.#options.events.onDown(verdict, detail);
  }

  #dropClient(): void {
    const client = this.#client;
    this.#client = undefined;
    for (const entry of this.#channels.values()) entry.subscription = undefined;
    client?.disconnect();
  }

  #dropSubscription(entry: Channel): void {
    const { subscription } = entry;
    entry.subscription = undefined;
    if (subscription === undefined || this.#client === undefined) return;
    subscription.unsubscribe();
    this.#client.removeSubscription(subscription);
  }

  /** The SDK stops for good when a handler throws: none of ours may. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.events.onBug(error);
    }
  }
}

const dialFailed: Verdict = { advice: 'retry', fault: 'unreachable' };
