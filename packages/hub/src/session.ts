import type { Channel, Subscriber } from './channel.ts';
import type { ChannelKind } from './channel-kinds.ts';
import { type Member, memberIn } from './client-info.ts';
import { type Disconnect, disconnects, type ErrorName, unsubscribes } from './codes.ts';
import type { PlannedSub } from './connect-plan.ts';
import { subscribeResult, unsubscribePush } from './frames.ts';
import type { Clock, ConnectionGrant, SubGrant, TokenVerifier } from './ports.ts';
import type { Publishing } from './publishing.ts';
import { type PlaceHost, placeIn, type Subscription } from './subscription.ts';
import { type Terms, termsOf } from './terms.ts';

/** What sessions need of their hub; one for all. */
export interface SessionHost extends PlaceHost {
  readonly clock: Clock;
  readonly verifier: TokenVerifier;
  /** Clients may do everything, without tokens. */
  readonly isInsecure: boolean;
  /** Undefined: the name is in no known namespace. */
  kindOf(name: string): ChannelKind | undefined;
  channel(name: string, kind: ChannelKind): Channel;
  /** A subscriber has left: the channel may not be needed any more. */
  released(channel: Channel): void;
  publish(name: string, kind: ChannelKind, data: string, options: Publishing): void;
  countUnsubscribe(code: number): void;
  clientIdOf(number: number): string;
}

/** The connection that a session speaks through. */
export interface Peer extends Subscriber {
  readonly host: SessionHost;
  send(object: string): void;
  fail(id: number, error: ErrorName): void;
  close(disconnect: Disconnect): void;
  dropPublications(channel: Channel): void;
  /** Bytes that may still be queued. */
  readonly room: number;
}

/** A signed-in client: who it is and what it is subscribed to. Its commands work on this. */
export class Session implements Member {
  readonly peer: Peer;
  /** Which of the hub's clients it is. */
  readonly #number: number;
  #grant: ConnectionGrant;
  #expiresAtMs: number;
  /** A handful as a rule, so a list is smaller and no slower than a map. */
  #subscriptions: Subscription[] = [];
  /** The subscribe whose token is being judged; undefined when the server has ended it meanwhile. */
  #subscribing: string | undefined;
  #isOver = false;

  constructor(peer: Peer, number: number, grant: ConnectionGrant) {
    this.peer = peer;
    this.#number = number;
    this.#grant = grant;
    this.#expiresAtMs = this.deadline(grant.expiresAt);
  }

  get host(): SessionHost {
    return this.peer.host;
  }

  /** Its id. */
  get client(): string {
    return this.host.clientIdOf(this.#number);
  }

  get user(): string {
    return this.#grant.user;
  }

  get session(): string | undefined {
    return this.#grant.session;
  }

  get connInfo(): string | undefined {
    return this.#grant.info;
  }

  get grant(): ConnectionGrant {
    return this.#grant;
  }

  /** The connection has ended: nothing that comes late counts. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get subscriptionCount(): number {
    return this.#subscriptions.length;
  }

  /** When something here expires, grace included. */
  get dueAtMs(): number {
    const { expiredGraceMs, expiredSubGraceMs } = this.host.limits;
    let due = this.#expiresAtMs + expiredGraceMs;
    for (const { expiresAtMs } of this.#subscriptions) {
      due = Math.min(due, expiresAtMs + expiredSubGraceMs);
    }
    return due;
  }

  /** What the connection is allowed from now on. */
  renew(grant: ConnectionGrant): void {
    this.#grant = grant;
    this.#expiresAtMs = this.deadline(grant.expiresAt);
  }

  // --- subscriptions -------------------------------------------------------------------------------

  find(name: string): Subscription | undefined {
    for (const subscription of this.#subscriptions) {
      if (subscription.channel.name === name) return subscription;
    }
    return undefined;
  }

  /** Whoever adds one announces it, after what tells the client of it (H1). */
  add(channel: Channel, terms: Terms, expiresAt: number | undefined): Subscription {
    const subscription: Subscription = {
      channel,
      subscriber: this.peer,
      terms,
      expiresAtMs: this.deadline(expiresAt),
      index: 0,
    };
    this.#subscriptions.push(subscription);
    channel.join(subscription);
    return subscription;
  }

  change(subscription: Subscription, terms: Terms, expiresAt: number | undefined): void {
    subscription.terms = terms;
    subscription.expiresAtMs = this.deadline(expiresAt);
  }

  announce(what: 'join' | 'leave', { channel, terms }: Subscription): void {
    // The reply before a join may have been too much for the client.
    if (!terms.announces || (what === 'join' && this.#isOver)) return;
    channel.announce(what, memberIn(this, terms.info));
  }

  announceAll(): void {
    for (const subscription of this.#subscriptions) this.announce('join', subscription);
  }

  remove(name: string): Channel | undefined {
    const subscription = this.find(name);
    if (subscription === undefined) return undefined;
    this.#subscriptions = this.#subscriptions.filter((one) => one !== subscription);
    subscription.channel.leave(subscription);
    this.#left(subscription);
    return subscription.channel;
  }

  /** The terms of a subscription: those that all share, unless a grant says more. */
  terms(kind: ChannelKind, origin: Terms['origin'], { info, override }: SubGrant): Terms {
    if (info === undefined && override === undefined) return kind.terms[origin];
    return termsOf(kind, origin, { info, override });
  }

  /** Subscribes as the connect asked; gives what the reply says about it. */
  addPlanned({ channel: name, kind, origin, grant, expiresAt, position }: PlannedSub): string {
    const { clock } = this.host;
    const channel = this.host.channel(name, kind);
    const terms = this.terms(kind, origin, grant);
    const since = position?.recover === true ? position : undefined;
    const place = placeIn(channel, terms, { since, room: this.peer.room }, this.host, clock.now());
    this.add(channel, terms, expiresAt);
    return subscribeResult({ ...place, data: grant.data });
  }

  /** A subscribe waits for the verdict on its token. */
  startSubscribing(name: string): void {
    this.#subscribing = name;
  }

  /** False: the server has ended it meanwhile. */
  stopSubscribing(): boolean {
    const isWanted = this.#subscribing !== undefined;
    this.#subscribing = undefined;
    return isWanted;
  }

  /**
   * Ends one subscription from the server's side, also one that is being asked for. A client that is not
   * subscribed is told all the same (H11): it may be about to subscribe. False: there was none.
   */
  unsubscribe(name: string, why: Disconnect): boolean {
    const wasAsked = this.#subscribing === name;
    if (wasAsked) this.#subscribing = undefined;
    const channel = this.remove(name);
    if (channel !== undefined) this.peer.dropPublications(channel);
    this.host.countUnsubscribe(why.code);
    this.peer.send(unsubscribePush(name, why));
    return wasAsked || channel !== undefined;
  }

  // --- the end -------------------------------------------------------------------------------------

  /** Ends what has expired longer ago than the grace (H10). */
  expire(now: number): void {
    const { expiredGraceMs, expiredSubGraceMs } = this.host.limits;
    if (this.#expiresAtMs <= now - expiredGraceMs) {
      this.peer.close(disconnects.expired);
      return;
    }
    const before = now - expiredSubGraceMs;
    const expired = this.#subscriptions.filter(({ expiresAtMs }) => expiresAtMs <= before);
    for (const { channel, terms } of expired) {
      if (terms.origin === 'server') this.peer.close(disconnects.subscriptionExpired);
      else this.unsubscribe(channel.name, unsubscribes.expired);
    }
  }

  /** Leaves every channel, so that nothing is published to a closing client. */
  end(): void {
    this.#isOver = true;
    const left = this.#subscriptions;
    this.#subscriptions = [];
    for (const subscription of left) subscription.channel.leave(subscription);
    for (const subscription of left) this.#left(subscription);
  }

  #left(subscription: Subscription): void {
    this.announce('leave', subscription);
    this.host.released(subscription.channel);
  }

  // --- time ----------------------------------------------------------------------------------------

  /** Whole seconds until then, at least one: 0 would be left out, and read as "never". Undefined: for ever. */
  ttl(expiresAt: number | undefined): number | undefined {
    if (expiresAt === undefined) return undefined;
    return Math.max(1, Math.floor(expiresAt - this.host.clock.unixMs() / 1000));
  }

  /** A date as a time on the monotonic clock: nobody expires because the wall clock was set. */
  deadline(expiresAt: number | undefined): number {
    if (expiresAt === undefined) return Number.POSITIVE_INFINITY;
    const { clock } = this.host;
    return clock.now() + expiresAt * 1000 - clock.unixMs();
  }
}
