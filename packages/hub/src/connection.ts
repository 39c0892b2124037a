import type { Channel, Subscriber } from './channel.ts';
import { type Disconnect, disconnects, type ErrorName, errors, unsubscribes } from './codes.ts';
import { type Command, type Incoming, type RequestedSub, readMessage } from './commands.ts';
import { connectResult, errorReply, publicationText, reply, unsubscribePush } from './frames.ts';
import type { HubLimits } from './options.ts';
import { Outbox } from './outbox.ts';
import type {
  Clock,
  ConnectionGrant,
  HubSocket,
  Judged,
  SharedMessage,
  SubscriptionGrant,
  TokenVerifier,
  Verdict,
} from './ports.ts';
import type { PublishResult } from './publishing.ts';
import { establish, type Subscription } from './subscription.ts';

/** What a connection needs of the hub it belongs to. */
export interface ConnectionHost {
  readonly clock: Clock;
  readonly verifier: TokenVerifier;
  readonly limits: HubLimits;
  readonly version: string;
  readonly allowPublish: boolean;
  readonly allowHistory: boolean;
  newClientId(): string;
  /** In [0, 1), for the phase of pings. */
  random(): number;
  channel(name: string): Channel;
  publish(channel: string, data: string): PublishResult;
  /** The connection has ended, for whatever reason; called once. */
  ended(connection: Connection, code: number): void;
}

/**
 * A client's connection (centrifugo.md §2).
 * ```
 * fresh ─connect─► checking ─► live ─► closed
 *   │                 └──error──► refused ─► closed
 *   └──────────────stale, bad frame────────► closed
 * ```
 * `refused`: the error reply is out, nothing more is answered, and the client is expected to close.
 */
type Phase = 'fresh' | 'checking' | 'live' | 'refused' | 'closing' | 'closed';

const NEVER = Number.POSITIVE_INFINITY;
const UNKNOWN_CODE = 1006;

/** One client. Commands are answered one after another, in the order they came (H5). */
export class Connection implements Subscriber {
  readonly #host: ConnectionHost;
  readonly #socket: HubSocket;
  readonly #outbox: Outbox;
  #phase: Phase = 'fresh';
  #grant: ConnectionGrant | undefined;
  #subscriptions: Map<string, Subscription> | undefined;
  /** Commands that wait for a token check in flight. */
  #waiting: Incoming[] | undefined;
  /** When the phase must be over: no connect, no close by the peer. */
  #phaseEndsAt: number;
  #pingAt = NEVER;
  #pongBy = NEVER;

  constructor(host: ConnectionHost, socket: HubSocket) {
    this.#host = host;
    this.#socket = socket;
    this.#outbox = new Outbox(socket, host.limits.queueBytes);
    this.#phaseEndsAt = host.clock.now() + host.limits.staleMs;
  }

  /** The signed-in user; undefined before the connect, '' for an anonymous one. */
  get user(): string | undefined {
    return this.#phase === 'live' ? this.#grant?.user : undefined;
  }

  get session(): string | undefined {
    return this.#phase === 'live' ? this.#grant?.session : undefined;
  }

  get subscriptionCount(): number {
    return this.#subscriptions?.size ?? 0;
  }

  /** Takes one WebSocket message. */
  receive(text: string): void {
    if (!this.#isListening) return;
    const incoming = readMessage(text);
    if (this.#waiting !== undefined) {
      this.#waiting.push(...incoming);
      if (this.#waiting.length > this.#host.limits.pendingCommands) {
        this.close(disconnects.tooManyRequests);
      }
      return;
    }
    this.#run(incoming, 0);
  }

  /** The socket is gone. */
  closed(): void {
    if (this.#phase === 'closed') return;
    const wasOpen = this.#phase !== 'closing';
    this.#leave();
    this.#phase = 'closed';
    if (wasOpen) this.#host.ended(this, UNKNOWN_CODE);
  }

  deliver(message: SharedMessage): void {
    if (this.#phase !== 'live') return;
    if (this.#outbox.isOverfull) this.close(disconnects.slow);
    else this.#outbox.sendShared(message);
  }

  /** Ends the connection; later calls do nothing. */
  close({ code, reason }: Disconnect): void {
    if (this.#phase === 'closing' || this.#phase === 'closed') return;
    this.#leave();
    this.#outbox.release();
    this.#phase = 'closing';
    this.#phaseEndsAt = this.#host.clock.now() + this.#host.limits.closeMs;
    this.#socket.close(code, reason);
    this.#host.ended(this, code);
  }

  /** Ends one subscription from the server's side; one that is not there is no error (H11). */
  unsubscribe(channel: string, why: Disconnect): void {
    if (this.#remove(channel)) this.#outbox.send(unsubscribePush(channel, why));
  }

  /**
   * Looks at every deadline; the hub calls it about once a second.
   *
   * @param stalledMs how late this call is: time in which nobody could be heard (H7)
   */
  tick(now: number, stalledMs: number): void {
    if (this.#phase === 'closed') return;
    if (now >= this.#phaseEndsAt) {
      if (this.#phase === 'fresh' || this.#phase === 'checking') this.close(disconnects.stale);
      else this.#drop();
      return;
    }
    if (this.#phase !== 'live') return;
    if (stalledMs > 0 && this.#pongBy !== NEVER) this.#pongBy += stalledMs;
    if (now >= this.#pongBy) {
      this.close(disconnects.noPong);
      return;
    }
    if (now >= this.#pingAt) this.#ping(now);
    this.#expire();
  }

  get #isListening(): boolean {
    return this.#phase === 'fresh' || this.#phase === 'checking' || this.#phase === 'live';
  }

  #run(incoming: readonly Incoming[], from: number): void {
    this.#outbox.hold();
    for (let index = from; index < incoming.length && this.#isListening; index += 1) {
      const one = incoming[index];
      const check = one === undefined ? undefined : this.#take(one);
      if (check === undefined) continue;
      this.#waiting = incoming.slice(index + 1);
      check.then(
        () => this.#resume(),
        () => this.close(disconnects.serverError),
      );
      break;
    }
    if (this.#phase !== 'closing' && this.#phase !== 'closed') this.#outbox.release();
  }

  #resume(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#run(waiting, 0);
  }

  /** A promise where an answer must be waited for. */
  #take(one: Incoming): Promise<void> | undefined {
    switch (one.kind) {
      case 'bad':
        this.close(disconnects.badRequest);
        return undefined;
      case 'pong':
        this.#pong();
        return undefined;
      case 'send':
        this.close(this.#phase === 'live' ? disconnects.notAvailable : disconnects.badRequest);
        return undefined;
      case 'command':
        return this.#command(one.command);
    }
  }

  #command(command: Command): Promise<void> | undefined {
    if ((command.method === 'connect') !== (this.#phase === 'fresh')) {
      this.close(disconnects.badRequest);
      return undefined;
    }
    switch (command.method) {
      case 'connect':
        return this.#connect(command);
      case 'subscribe':
        return this.#subscribe(command);
      case 'unsubscribe':
        this.#remove(command.channel);
        this.#outbox.send(reply(command.id, 'unsubscribe', '{}'));
        return undefined;
      case 'refresh':
        return this.#refresh(command);
      case 'sub_refresh':
        return this.#subRefresh(command);
      case 'publish':
        this.#publish(command);
        return undefined;
      case 'history':
        this.#history(command);
        return undefined;
      case 'presence':
      case 'presence_stats':
      case 'rpc':
        this.#fail(command.id, 'notAvailable');
        return undefined;
    }
  }

  // --- connect -------------------------------------------------------------------------------------

  #connect(command: Command & { method: 'connect' }): Promise<void> | undefined {
    if (command.token === '') {
      this.close(disconnects.badRequest);
      return undefined;
    }
    this.#phase = 'checking';
    const { verifier } = this.#host;
    const withToken = command.subs.filter(({ token }) => token !== '');
    this.#outbox.isSingle = withToken.length > 0;
    return whenJudged(verifier.connection(command.token), (verdict) => {
      if (!this.#isListening) return undefined;
      if (!verdict.ok) {
        this.#refuse(command.id, verdict.fault);
        return undefined;
      }
      const { channels = [] } = verdict.grant;
      const asked = withToken.filter(({ channel }) => !channels.includes(channel));
      const judged = asked.map(({ token }) => verifier.subscription(token));
      return whenAllJudged(judged, (verdicts) => {
        if (this.#isListening) this.#establishConnection(command, verdict.grant, asked, verdicts);
        return undefined;
      });
    });
  }

  #refuse(id: number, fault: (Verdict<unknown> & { ok: false })['fault']): void {
    if (fault !== 'expired') {
      this.close(disconnects.invalidToken);
      return;
    }
    this.#fail(id, 'tokenExpired');
    this.#phase = 'refused';
    this.#phaseEndsAt = this.#host.clock.now() + this.#host.limits.closeMs;
  }

  #establishConnection(
    command: Command & { method: 'connect' },
    grant: ConnectionGrant,
    asked: readonly RequestedSub[],
    verdicts: readonly Verdict<SubscriptionGrant>[],
  ): void {
    const { limits, clock } = this.#host;
    const now = clock.now();
    const wanted = new Map<string, number | undefined>();
    for (const channel of grant.channels ?? []) wanted.set(channel, undefined);
    const refused: [channel: string, why: string][] = [];
    for (const [index, { channel }] of asked.entries()) {
      const verdict = verdicts[index];
      const why = refusalOf(verdict, channel, grant.user, limits);
      if (why !== undefined) refused.push([channel, why]);
      else if (verdict?.ok === true) wanted.set(channel, verdict.grant.expiresAt);
    }
    if (wanted.size > limits.channels) {
      this.close(disconnects.channelLimit);
      return;
    }
    this.#phase = 'live';
    this.#phaseEndsAt = NEVER;
    this.#grant = grant;
    // The first ping comes after half to a whole interval, so that clients do not answer in step.
    this.#pingAt = now + limits.pingMs * (0.5 + this.#host.random() / 2);
    const results = new Map<string, string>();
    for (const [channel, expiresAt] of wanted) {
      const position = command.subs.find((sub) => sub.channel === channel);
      results.set(channel, this.#addServerSide(channel, expiresAt, position));
    }
    const expiresInS = this.#secondsUntil(grant.expiresAt);
    const result = connectResult(
      {
        client: this.#host.newClientId(),
        version: this.#host.version,
        ...(expiresInS === undefined ? {} : { expires: true, ttl: expiresInS }),
        ping: Math.round(limits.pingMs / 1000),
        pong: true,
      },
      results,
    );
    this.#outbox.send(reply(command.id, 'connect', result));
    for (const [channel, reason] of refused) {
      this.#outbox.send(unsubscribePush(channel, { code: unsubscribes.server.code, reason }));
    }
  }

  #addServerSide(
    name: string,
    expiresAt: number | undefined,
    position: { recover: boolean; epoch: string; offset: number } | undefined,
  ): string {
    const channel = this.#host.channel(name);
    const established = establish(
      channel,
      {
        since: position?.recover === true ? position : undefined,
        rejectUnrecovered: false,
        expiresInS: undefined,
      },
      this.#host.limits,
      this.#host.clock.now(),
    );
    this.#add({ channel, isServerSide: true, expiresAt });
    return established.ok ? established.result : '{}';
  }

  // --- subscribe -----------------------------------------------------------------------------------

  #subscribe(command: Command & { method: 'subscribe' }): Promise<void> | undefined {
    const fault = this.#subscribeFault(command.channel, command.token);
    if (fault !== undefined) {
      this.#fail(command.id, fault);
      return undefined;
    }
    return whenJudged(this.#host.verifier.subscription(command.token), (verdict) => {
      if (this.#phase !== 'live') return undefined;
      if (!verdict.ok) {
        this.#fail(command.id, verdict.fault === 'expired' ? 'tokenExpired' : 'permissionDenied');
      } else if (!this.#isOwn(verdict.grant, command.channel)) {
        this.close(disconnects.invalidToken);
      } else {
        this.#establishSubscription(command, verdict.grant);
      }
      return undefined;
    });
  }

  #subscribeFault(name: string, token: string): ErrorName | undefined {
    const { limits } = this.#host;
    if (!isChannelName(name, limits)) return 'badRequest';
    if (this.#subscriptions?.has(name) === true) return 'alreadySubscribed';
    if (this.subscriptionCount >= limits.channels) return 'limitExceeded';
    if (name.includes(':')) return 'unknownChannel';
    return token === '' ? 'permissionDenied' : undefined;
  }

  #establishSubscription(
    command: Command & { method: 'subscribe' },
    grant: SubscriptionGrant,
  ): void {
    const { clock, limits } = this.#host;
    const channel = this.#host.channel(command.channel);
    const established = establish(
      channel,
      {
        since: command.recover ? command : undefined,
        rejectUnrecovered: command.rejectUnrecovered,
        expiresInS: this.#secondsUntil(grant.expiresAt),
      },
      limits,
      clock.now(),
    );
    if (!established.ok) {
      this.#fail(command.id, 'unrecoverablePosition');
      return;
    }
    this.#outbox.send(reply(command.id, 'subscribe', established.result));
    this.#add({ channel, isServerSide: false, expiresAt: grant.expiresAt });
  }

  // --- refresh -------------------------------------------------------------------------------------

  #refresh(command: Command & { method: 'refresh' }): Promise<void> | undefined {
    return whenJudged(this.#host.verifier.connection(command.token), (verdict) => {
      if (this.#phase !== 'live') return undefined;
      if (!verdict.ok) {
        this.close(verdict.fault === 'expired' ? disconnects.expired : disconnects.invalidToken);
      } else if (verdict.grant.user !== this.#grant?.user) {
        this.close(disconnects.invalidToken);
      } else if (!sameChannels(verdict.grant.channels, this.#grant?.channels)) {
        this.close(disconnects.insufficientState);
      } else {
        this.#grant = verdict.grant;
        this.#outbox.send(reply(command.id, 'refresh', this.#expiry(verdict.grant.expiresAt)));
      }
      return undefined;
    });
  }

  #subRefresh(command: Command & { method: 'sub_refresh' }): Promise<void> | undefined {
    const subscription = this.#subscriptions?.get(command.channel);
    if (subscription === undefined || subscription.isServerSide) {
      this.#fail(command.id, 'permissionDenied');
      return undefined;
    }
    return whenJudged(this.#host.verifier.subscription(command.token), (verdict) => {
      if (this.#phase !== 'live') return undefined;
      if (verdict.ok && this.#isOwn(verdict.grant, command.channel)) {
        subscription.expiresAt = verdict.grant.expiresAt;
        this.#outbox.send(reply(command.id, 'sub_refresh', this.#expiry(verdict.grant.expiresAt)));
      } else if (!verdict.ok && verdict.fault === 'expired') {
        // The client subscribes again with a new token; 109 here would end it for good (§6).
        this.unsubscribe(command.channel, unsubscribes.expired);
        this.#outbox.send(reply(command.id, 'sub_refresh', '{}'));
      } else {
        this.close(disconnects.invalidToken);
      }
      return undefined;
    });
  }

  #expiry(expiresAt: number | undefined): string {
    const ttl = this.#secondsUntil(expiresAt);
    return ttl === undefined ? '{}' : `{"expires":true,"ttl":${ttl}}`;
  }

  // --- publish, history ----------------------------------------------------------------------------

  #publish(command: Command & { method: 'publish' }): void {
    if (!this.#host.allowPublish || this.#subscriptions?.has(command.channel) !== true) {
      this.#fail(command.id, 'permissionDenied');
      return;
    }
    this.#host.publish(command.channel, command.data);
    this.#outbox.send(reply(command.id, 'publish', '{}'));
  }

  #history(command: Command & { method: 'history' }): void {
    const { allowHistory, limits, clock } = this.#host;
    const channel = this.#subscriptions?.get(command.channel)?.channel;
    if (!allowHistory || channel === undefined) {
      this.#fail(command.id, 'permissionDenied');
      return;
    }
    const now = clock.now();
    const stream = channel.stream(now);
    if (stream === undefined) {
      this.#fail(command.id, 'notAvailable');
      return;
    }
    const { since, reverse } = command;
    if (since !== undefined && since.epoch !== '' && since.epoch !== stream.epoch) {
      this.#fail(command.id, 'unrecoverablePosition');
      return;
    }
    const limit = command.limit < 0 ? limits.replayed : Math.min(command.limit, limits.replayed);
    const publications = stream
      .read({ limit, reverse, ...(since === undefined ? {} : { since }) }, now)
      .map((one) => publicationText(one, stream.epoch));
    this.#outbox.send(
      reply(
        command.id,
        'history',
        `{"publications":[${publications.join(',')}],"epoch":${JSON.stringify(stream.epoch)},"offset":${stream.top}}`,
      ),
    );
  }

  // --- time ----------------------------------------------------------------------------------------

  #ping(now: number): void {
    this.#outbox.send('{}');
    this.#pingAt = now + this.#host.limits.pingMs;
    this.#pongBy = now + this.#host.limits.pongMs;
  }

  /** An unasked pong is a broken client (§2.3). */
  #pong(): void {
    if (this.#pongBy === NEVER) this.close(disconnects.badRequest);
    else this.#pongBy = NEVER;
  }

  /** Tokens that ran out longer ago than the grace end what they allowed (H10). */
  #expire(): void {
    const { clock, limits } = this.#host;
    const endedS = (clock.unixMs() - limits.expiredGraceMs) / 1000;
    if ((this.#grant?.expiresAt ?? NEVER) < endedS) {
      this.close(disconnects.expired);
      return;
    }
    if (this.#subscriptions === undefined) return;
    for (const [name, { expiresAt = NEVER, isServerSide }] of this.#subscriptions) {
      if (expiresAt >= endedS) continue;
      if (isServerSide) {
        this.close(disconnects.subscriptionExpired);
        return;
      }
      this.unsubscribe(name, unsubscribes.expired);
    }
  }

  // --- common --------------------------------------------------------------------------------------

  #fail(id: number, error: ErrorName): void {
    this.#outbox.send(errorReply(id, errors[error]));
  }

  #add(subscription: Subscription): void {
    this.#subscriptions ??= new Map();
    this.#subscriptions.set(subscription.channel.name, subscription);
    subscription.channel.subscribers.add(this);
  }

  #remove(name: string): boolean {
    const subscription = this.#subscriptions?.get(name);
    if (subscription === undefined) return false;
    this.#subscriptions?.delete(name);
    subscription.channel.subscribers.delete(this);
    return true;
  }

  /** Leaves every channel at once, so that nothing is published to a closing client. */
  #leave(): void {
    this.#waiting = undefined;
    if (this.#subscriptions === undefined) return;
    for (const { channel } of this.#subscriptions.values()) channel.subscribers.delete(this);
    this.#subscriptions = undefined;
  }

  /** The peer had its time to close. */
  #drop(): void {
    this.#socket.terminate();
    this.closed();
  }

  #isOwn(grant: SubscriptionGrant, channel: string): boolean {
    return grant.user === this.#grant?.user && grant.channel === channel;
  }

  #secondsUntil(expiresAt: number | undefined): number | undefined {
    if (expiresAt === undefined) return undefined;
    return Math.max(1, Math.floor(expiresAt - this.#host.clock.unixMs() / 1000));
  }
}

/** Printable ASCII, not too long; the length counts bytes, which are characters then (§2.4). */
function isChannelName(name: string, limits: HubLimits): boolean {
  return name.length <= limits.channelNameBytes && /^[\x20-\x7e]+$/.test(name);
}

function refusalOf(
  verdict: Verdict<SubscriptionGrant> | undefined,
  channel: string,
  user: string,
  limits: HubLimits,
): string | undefined {
  if (verdict === undefined || !isChannelName(channel, limits)) return 'bad request';
  if (!verdict.ok) return verdict.fault === 'expired' ? 'token expired' : 'permission denied';
  const { grant } = verdict;
  return grant.user === user && grant.channel === channel ? undefined : 'permission denied';
}

function sameChannels(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): boolean {
  const left = new Set(one);
  const right = new Set(other);
  return left.size === right.size && [...left].every((name) => right.has(name));
}

/** Goes on at once where the verdict is there, so that most frames are answered in one turn. */
function whenJudged<Grant>(
  judged: Judged<Grant>,
  then: (verdict: Verdict<Grant>) => Promise<void> | undefined,
): Promise<void> | undefined {
  return judged instanceof Promise ? judged.then(then) : then(judged);
}

function whenAllJudged<Grant>(
  judged: readonly Judged<Grant>[],
  then: (verdicts: readonly Verdict<Grant>[]) => undefined,
): Promise<void> | undefined {
  const ready = judged.filter((one): one is Verdict<Grant> => !(one instanceof Promise));
  return ready.length === judged.length ? then(ready) : Promise.all(judged).then(then);
}
