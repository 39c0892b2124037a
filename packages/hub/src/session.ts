import type { Channel, Subscriber } from './channel.ts';
import { channelNameFault } from './channel-name.ts';
import { type Disconnect, disconnects, type ErrorName, unsubscribes } from './codes.ts';
import type { Command } from './commands.ts';
import type { PlannedSub } from './connect-plan.ts';
import { publicationText, reply, unsubscribePush } from './frames.ts';
import { isLate, isUnknown, judge, type Soon, subscriptionError, whenThere } from './judging.ts';
import type { HubLimits } from './options.ts';
import type { Clock, ConnectionGrant, SubscriptionGrant, TokenVerifier } from './ports.ts';
import { type Presence, presenceResult, presenceStatsResult } from './presence.ts';
import { establish, type Subscription } from './subscription.ts';

/** What sessions need of their hub; one for all. */
export interface SessionHost {
  readonly clock: Clock;
  readonly verifier: TokenVerifier;
  readonly limits: HubLimits;
  readonly allowPublish: boolean;
  readonly allowHistory: boolean;
  readonly allowPresence: boolean;
  /** Undefined: presence is off. */
  readonly presence: Presence | undefined;
  channel(name: string): Channel;
  /** A subscriber has left: the channel may not be needed any more. */
  released(channel: Channel): void;
  publish(channel: string, data: string): void;
  countUnsubscribe(code: number): void;
}

/** The connection that a session speaks through. */
export interface Peer extends Subscriber {
  send(object: string): void;
  fail(id: number, error: ErrorName): void;
  close(disconnect: Disconnect): void;
  dropPublications(channel: Channel): void;
  /** Bytes that may still be queued. */
  readonly room: number;
}

type Of<Method> = Command & { method: Method };

/** A signed-in client: its subscriptions, and what it may do. */
export class Session {
  readonly #host: SessionHost;
  readonly #peer: Peer;
  #grant: ConnectionGrant;
  #expiresAtMs: number;
  /** A handful as a rule, so a list is smaller and no slower than a map. */
  #subscriptions: Subscription[] = [];
  /** The subscribe whose token is being judged; undefined when the server has ended it meanwhile. */
  #subscribing: string | undefined;
  #isOver = false;

  constructor(host: SessionHost, peer: Peer, grant: ConnectionGrant) {
    this.#host = host;
    this.#peer = peer;
    this.#grant = grant;
    this.#expiresAtMs = this.#deadline(grant.expiresAt);
  }

  get user(): string {
    return this.#grant.user;
  }

  get session(): string | undefined {
    return this.#grant.session;
  }

  get subscriptionCount(): number {
    return this.#subscriptions.length;
  }

  /** Seconds that the connection lasts; undefined: for ever. */
  get ttl(): number | undefined {
    return this.#ttl(this.#grant.expiresAt);
  }

  /** When something here expires, grace included. */
  get dueAtMs(): number {
    let due = this.#expiresAtMs;
    for (const { expiresAtMs } of this.#subscriptions) due = Math.min(due, expiresAtMs);
    return due + this.#host.limits.expiredGraceMs;
  }

  /** A promise where a token must be waited for. */
  run(command: Command): Soon<undefined> {
    switch (command.method) {
      case 'connect':
        return undefined;
      case 'subscribe':
        return this.#subscribe(command);
      case 'unsubscribe':
        this.#remove(command.channel);
        return this.#answer(command, '{}');
      case 'refresh':
        return this.#refresh(command);
      case 'sub_refresh':
        return this.#subRefresh(command);
      case 'publish':
        return this.#publish(command);
      case 'history':
        return this.#history(command);
      case 'presence':
      case 'presence_stats':
        return this.#presence(command);
      case 'rpc':
        this.#peer.fail(command.id, 'notAvailable');
        return undefined;
    }
  }

  /** Subscribes as the connect asked; gives what the reply says about it. */
  addServerSide({ channel: name, expiresAt, position }: PlannedSub): string {
    const { clock, limits } = this.#host;
    const channel = this.#host.channel(name);
    const request = {
      since: position?.recover === true ? position : undefined,
      rejectUnrecovered: false,
      ttl: undefined,
      room: this.#peer.room,
    };
    const established = establish(channel, request, limits, clock.now());
    this.#add(channel, expiresAt, true);
    return established.ok ? established.result : '{}';
  }

  /** Ends one subscription from the server's side, also one that is being asked for; one that is not there is no error (H11). */
  unsubscribe(name: string, why: Disconnect): boolean {
    if (this.#subscribing === name) {
      this.#subscribing = undefined;
      return true;
    }
    const channel = this.#remove(name);
    if (channel === undefined) return false;
    this.#peer.dropPublications(channel);
    this.#host.countUnsubscribe(why.code);
    this.#peer.send(unsubscribePush(name, why));
    return true;
  }

  /** Ends what has expired longer ago than the grace (H10). */
  expire(now: number): void {
    const before = now - this.#host.limits.expiredGraceMs;
    if (this.#expiresAtMs <= before) {
      this.#peer.close(disconnects.expired);
      return;
    }
    const expired = this.#subscriptions.filter(({ expiresAtMs }) => expiresAtMs <= before);
    for (const { channel } of expired) this.unsubscribe(channel.name, unsubscribes.expired);
  }

  /** Leaves every channel, so that nothing is published to a closing client. */
  end(): void {
    this.#isOver = true;
    const left = this.#subscriptions;
    this.#subscriptions = [];
    for (const subscription of left) this.#leave(subscription);
  }

  // --- subscribe -----------------------------------------------------------------------------------

  #subscribe(command: Of<'subscribe'>): Soon<undefined> {
    const fault = this.#subscribeFault(command);
    if (fault !== undefined) {
      this.#peer.fail(command.id, fault);
      return undefined;
    }
    this.#subscribing = command.channel;
    return whenThere(
      judge(() => this.#host.verifier.subscription(command.token)),
      (verdict): undefined => {
        const isStillWanted = this.#subscribing === command.channel;
        this.#subscribing = undefined;
        if (this.#isOver) return;
        if (!verdict.ok) this.#peer.fail(command.id, subscriptionError(verdict.fault));
        else if (!this.#isOwn(verdict.grant, command.channel)) {
          this.#peer.close(disconnects.invalidToken);
        } else if (!isStillWanted) this.#peer.fail(command.id, 'permissionDenied');
        else this.#establish(command, verdict.grant);
      },
    );
  }

  #subscribeFault({ channel, token }: Of<'subscribe'>): ErrorName | undefined {
    const { limits } = this.#host;
    const nameFault = channelNameFault(channel, limits.channelNameBytes);
    if (nameFault !== undefined) return nameFault;
    if (this.#find(channel) !== undefined) return 'alreadySubscribed';
    if (this.#subscriptions.length >= limits.channels) return 'limitExceeded';
    return token === '' ? 'permissionDenied' : undefined;
  }

  #establish(command: Of<'subscribe'>, { expiresAt }: SubscriptionGrant): void {
    const { clock, limits } = this.#host;
    const channel = this.#host.channel(command.channel);
    const request = {
      since: command.recover ? command : undefined,
      rejectUnrecovered: command.rejectUnrecovered,
      ttl: this.#ttl(expiresAt),
      room: this.#peer.room,
    };
    const established = establish(channel, request, limits, clock.now());
    if (established.ok) {
      // Both in one turn, so that no push can come before the reply (H1).
      this.#add(channel, expiresAt, false);
      this.#answer(command, established.result);
    } else {
      this.#peer.fail(command.id, 'unrecoverablePosition');
      this.#host.released(channel);
    }
  }

  // --- refresh -------------------------------------------------------------------------------------

  #refresh(command: Of<'refresh'>): Soon<undefined> {
    return whenThere(
      judge(() => this.#host.verifier.connection(command.token)),
      (verdict): undefined => {
        if (this.#isOver) return;
        if (isUnknown(verdict)) this.#peer.fail(command.id, 'internal');
        else if (isLate(verdict)) this.#peer.close(disconnects.expired);
        else if (!verdict.ok || verdict.grant.user !== this.user) {
          this.#peer.close(disconnects.invalidToken);
        } else if (!hasSameChannels(verdict.grant, this.#grant)) {
          this.#peer.close(disconnects.insufficientState);
        } else {
          this.#grant = verdict.grant;
          this.#expiresAtMs = this.#deadline(verdict.grant.expiresAt);
          this.#answer(command, this.#expiry(verdict.grant.expiresAt));
        }
      },
    );
  }

  #subRefresh(command: Of<'sub_refresh'>): Soon<undefined> {
    const subscription = this.#find(command.channel);
    if (subscription === undefined) {
      this.#peer.fail(command.id, 'permissionDenied');
      return undefined;
    }
    return whenThere(
      judge(() => this.#host.verifier.subscription(command.token)),
      (verdict): undefined => {
        if (this.#isOver) return;
        if (verdict.ok && this.#isOwn(verdict.grant, command.channel)) {
          subscription.expiresAtMs = this.#deadline(verdict.grant.expiresAt);
          this.#answer(command, this.#expiry(verdict.grant.expiresAt));
        } else if (isUnknown(verdict)) {
          this.#peer.fail(command.id, 'internal');
        } else if (isLate(verdict)) {
          // The client subscribes again with a new token; 109 here would end it for good (§6).
          this.#answer(command, '{}');
          this.unsubscribe(command.channel, unsubscribes.expired);
        } else {
          this.#peer.close(disconnects.invalidToken);
        }
      },
    );
  }

  // --- publish, history, presence ----------------------------------------------------------------------------

  #publish(command: Of<'publish'>): undefined {
    if (!this.#host.allowPublish || this.#find(command.channel) === undefined) {
      this.#peer.fail(command.id, 'permissionDenied');
      return;
    }
    this.#host.publish(command.channel, command.data);
    this.#answer(command, '{}');
  }

  #history(command: Of<'history'>): undefined {
    const { allowHistory, limits, clock } = this.#host;
    const channel = this.#find(command.channel)?.channel;
    if (!allowHistory || channel === undefined) {
      this.#peer.fail(command.id, 'permissionDenied');
      return;
    }
    if (!channel.hasHistory) {
      this.#peer.fail(command.id, 'notAvailable');
      return;
    }
    const { since, reverse } = command;
    const { epoch, top } = channel;
    if (since !== undefined && since.epoch !== '' && since.epoch !== epoch) {
      this.#peer.fail(command.id, 'unrecoverablePosition');
      return;
    }
    const limit = command.limit < 0 ? limits.replayed : Math.min(command.limit, limits.replayed);
    const publications = channel
      .read({ limit, reverse, since: since?.offset }, clock.now())
      .map((one) => publicationText(one, epoch));
    this.#answer(
      command,
      `{"publications":[${publications.join(',')}],"epoch":"${epoch}","offset":${top}}`,
    );
  }

  #presence(command: Of<'presence'> | Of<'presence_stats'>): undefined {
    const { allowPresence, presence } = this.#host;
    if (presence === undefined) {
      this.#peer.fail(command.id, 'notAvailable');
      return;
    }
    const channel = this.#find(command.channel)?.channel;
    if (!allowPresence || channel === undefined) {
      this.#peer.fail(command.id, 'permissionDenied');
      return;
    }
    const members = presence.of(channel);
    const result = command.method === 'presence' ? presenceResult : presenceStatsResult;
    this.#answer(command, result(members));
  }

  // --- common --------------------------------------------------------------------------------------

  #answer({ id, method }: Command, result: string): undefined {
    this.#peer.send(reply(id, method, result));
  }

  #find(name: string): Subscription | undefined {
    for (const subscription of this.#subscriptions) {
      if (subscription.channel.name === name) return subscription;
    }
    return undefined;
  }

  #add(channel: Channel, expiresAt: number | undefined, isServerSide: boolean): void {
    const subscription: Subscription = {
      channel,
      subscriber: this.#peer,
      isServerSide,
      expiresAtMs: this.#deadline(expiresAt),
      index: 0,
    };
    this.#subscriptions.push(subscription);
    channel.join(subscription);
  }

  #remove(name: string): Channel | undefined {
    const subscription = this.#find(name);
    if (subscription === undefined) return undefined;
    this.#subscriptions = this.#subscriptions.filter((one) => one !== subscription);
    this.#leave(subscription);
    return subscription.channel;
  }

  #leave(subscription: Subscription): void {
    subscription.channel.leave(subscription);
    this.#host.released(subscription.channel);
  }

  #isOwn(grant: SubscriptionGrant, channel: string): boolean {
    return grant.user === this.user && grant.channel === channel;
  }

  #expiry(expiresAt: number | undefined): string {
    const ttl = this.#ttl(expiresAt);
    return ttl === undefined ? '{}' : `{"expires":true,"ttl":${ttl}}`;
  }

  /** Whole seconds until then, at least one: 0 would be left out, and read as "never". */
  #ttl(expiresAt: number | undefined): number | undefined {
    if (expiresAt === undefined) return undefined;
    return Math.max(1, Math.floor(expiresAt - this.#host.clock.unixMs() / 1000));
  }

  /** A date as a time on the monotonic clock: nobody expires because the wall clock was set. */
  #deadline(expiresAt: number | undefined): number {
    if (expiresAt === undefined) return Number.POSITIVE_INFINITY;
    const { clock } = this.#host;
    return clock.now() + expiresAt * 1000 - clock.unixMs();
  }
}

function hasSameChannels(one: ConnectionGrant, other: ConnectionGrant): boolean {
  const left = new Set(one.subs?.keys());
  const right = new Set(other.subs?.keys());
  return left.size === right.size && [...left].every((name) => right.has(name));
}
