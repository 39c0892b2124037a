import type { Channel } from './channel.ts';
import type { Member } from './client-info.ts';
import { type Disconnect, disconnects, type ErrorName, errors, unsubscribes } from './codes.ts';
import { type Command, type Incoming, readMessage } from './commands.ts';
import { type ConnectOutcome, type PlanHost, planConnect } from './connect-plan.ts';
import { connectResult, errorReply, reply, unsubscribePush } from './frames.ts';
import { type Soon, whenThere } from './judging.ts';
import { type Frame, Outbox, type OutboxHost } from './outbox.ts';
import { type Phase, type PhaseEvent, phases } from './phase.ts';
import type { HubConnection, HubSocket } from './ports.ts';
import { runCommand } from './run-command.ts';
import { type Peer, Session, type SessionHost } from './session.ts';
import { isOneOf, type Whose } from './whose.ts';

/** What connections need of the hub they belong to; one for all. */
export interface ConnectionHost extends SessionHost, PlanHost, OutboxHost {
  readonly version: string;
  /** Numbers of signed-in clients, from 1. */
  nextClient(): number;
  /** In [0, 1), for the phase of pings. */
  random(): number;
  /** The connection serves nobody any more, for whatever reason; called once. */
  ended(connection: Connection, code: number): void;
  /** The transport is gone; called once, after `ended`. */
  gone(connection: Connection): void;
  countCommand(method: string): void;
  countError(code: number): void;
  /** False: the user has as many connections as one may have. */
  admit(user: string): boolean;
  /** One that was admitted is signed in no more. */
  left(user: string): void;
}

type Granted = ConnectOutcome & { kind: 'granted' };

const NEVER = Number.POSITIVE_INFINITY;
/** The peer was simply gone. */
const ABNORMAL_CODE = 1006;

/**
 * Drives one client through its phases (`phase.ts`). Commands are answered one after another, in the
 * order they came: while a token is being judged, what comes later waits in the inbox (H5).
 */
export class Connection implements HubConnection, Peer {
  readonly host: ConnectionHost;
  readonly #socket: HubSocket;
  readonly #outbox: Outbox;
  #phase: Phase = 'fresh';
  #session: Session | undefined;
  /** What waits for a check in flight; undefined when there is none. */
  #inbox: { readonly items: Incoming[]; bytes: number } | undefined;
  /** Disconnects that came while the connect was being judged. */
  #revocations: [whose: Whose, why: Disconnect][] | undefined;
  /** When the phase must be over: no connect, no close by the peer. */
  #phaseEndsAt: number;
  #pingAt = NEVER;
  #pongBy = NEVER;
  /** Nothing is due before; 0 makes the next tick look. */
  #dueAt: number;

  constructor(host: ConnectionHost, socket: HubSocket) {
    this.host = host;
    this.#socket = socket;
    this.#outbox = new Outbox(host, socket);
    this.#phaseEndsAt = host.clock.now() + host.limits.staleMs;
    this.#dueAt = this.#phaseEndsAt;
  }

  get subscriptionCount(): number {
    return this.#session?.subscriptionCount ?? 0;
  }

  get member(): Member | undefined {
    return this.#session;
  }

  get room(): number {
    return this.#outbox.room;
  }

  // --- what the transport says ---------------------------------------------------------------------

  receive(text: string): void {
    if (this.#isDeaf) return;
    if (this.#inbox === undefined) {
      this.#run(readMessage(text));
      return;
    }
    this.#inbox.bytes += text.length;
    if (this.#inbox.bytes > this.host.limits.inboxBytes) this.close(disconnects.tooManyRequests);
    else this.#inbox.items.push(...readMessage(text));
  }

  drained(): void {
    this.#outbox.drained();
  }

  closed(): void {
    this.#on('gone');
  }

  // --- what the hub says ---------------------------------------------------------------------------

  deliver(frame: Frame): boolean {
    this.#outbox.deliver(frame);
    return !this.#outbox.isOverfull;
  }

  closeSlow(): void {
    this.close(disconnects.slow);
  }

  /** Ends the connection; later calls do nothing. */
  close(why: Disconnect): void {
    this.#on('close', why);
  }

  /** Ends the connection if it is one of those; while nobody knows yet, as soon as that is known. */
  disconnect(whose: Whose, why: Disconnect): boolean {
    if (this.#phase === 'checking') {
      this.#revocations ??= [];
      this.#revocations.push([whose, why]);
      return false;
    }
    if (this.#session === undefined || !isOneOf(whose, this.#session)) return false;
    this.close(why);
    return true;
  }

  /** Runs `act` on the session if it is one of those; gives what it says. */
  act(whose: Whose, act: (session: Session) => boolean): boolean {
    if (this.#session === undefined || !isOneOf(whose, this.#session)) return false;
    const isDone = act(this.#session);
    this.#dueAt = 0;
    return isDone;
  }

  /**
   * Looks at the deadlines; the hub calls it about once a second.
   *
   * @param stalledMs how late this call is: time in which nobody could be heard (H7)
   */
  tick(now: number, stalledMs: number): void {
    if (stalledMs > 0 && this.#pongBy !== NEVER) {
      this.#pongBy += stalledMs;
      this.#dueAt = 0;
    }
    if (now < this.#dueAt) return;
    if (now >= this.#phaseEndsAt) this.#on('deadline');
    else if (now >= this.#pongBy) this.close(disconnects.noPong);
    else if (now >= this.#pingAt) this.#ping(now);
    this.#session?.expire(now);
    this.#dueAt = Math.min(
      this.#phaseEndsAt,
      this.#pongBy,
      this.#pingAt,
      this.#session?.dueAtMs ?? NEVER,
    );
  }

  // --- what the session says -----------------------------------------------------------------------

  send(object: string): void {
    if (this.#phase === 'closing' || this.#phase === 'closed') return;
    this.#outbox.send(object);
    if (this.#outbox.isOverfull) this.closeSlow();
  }

  fail(id: number, error: ErrorName): void {
    this.host.countError(errors[error].code);
    this.send(errorReply(id, errors[error]));
  }

  dropPublications(channel: Channel): void {
    this.#outbox.dropPublications(channel);
  }

  // --- one after another ---------------------------------------------------------------------------

  get #isDeaf(): boolean {
    return this.#phase === 'refused' || this.#phase === 'closing' || this.#phase === 'closed';
  }

  #run(incoming: readonly Incoming[]): void {
    this.#outbox.hold();
    for (const [index, one] of incoming.entries()) {
      const pending = this.#take(one);
      if (pending === undefined) continue;
      this.#inbox = { items: incoming.slice(index + 1), bytes: 0 };
      pending.then(
        () => this.#resume(),
        () => this.close(disconnects.serverError),
      );
      break;
    }
    this.#outbox.release();
    if (this.#outbox.isOverfull) this.closeSlow();
    this.#dueAt = 0;
  }

  #resume(): void {
    const waiting = this.#inbox?.items ?? [];
    this.#inbox = undefined;
    this.#run(waiting);
  }

  #take(one: Incoming): Soon<undefined> {
    if (one.kind !== 'command') {
      this.#on(one.kind);
      return undefined;
    }
    const { command } = one;
    this.host.countCommand(command.method);
    switch (this.#on(command.method === 'connect' ? 'connect' : 'command')) {
      case 'check':
        return this.#connect(command as Command & { method: 'connect' });
      case 'run':
        return this.#session === undefined ? undefined : runCommand(this.#session, command);
      default:
        return undefined;
    }
  }

  /** Takes the step that the table says, and does its effect unless that is the caller's. */
  #on(event: PhaseEvent, why: Disconnect = disconnects.connectionClosed) {
    const before = this.#phase;
    const { to, effect } = phases[before][event];
    this.#phase = to;
    switch (effect) {
      case 'bad-request':
        this.#end(disconnects.badRequest);
        break;
      case 'not-available':
        this.#end(disconnects.notAvailable);
        break;
      case 'stale':
        this.#end(disconnects.stale);
        break;
      case 'as-asked':
        this.#end(why);
        break;
      case 'linger':
        this.#phaseEndsAt = this.host.clock.now() + this.host.limits.closeMs;
        break;
      case 'take-pong':
        this.#takePong();
        break;
      case 'drop':
        this.#socket.terminate();
        this.#leave(before);
        break;
      case 'leave':
        this.#leave(before);
        break;
      case 'check':
      case 'run':
      case 'serve':
      case 'wait':
      case 'ignore':
        break;
    }
    return effect;
  }

  // --- connect -------------------------------------------------------------------------------------

  #connect(command: Command & { method: 'connect' }): Soon<undefined> {
    this.#outbox.isSingle = command.subs.some(({ token }) => token !== '');
    return whenThere(planConnect(command, this.host), (outcome): undefined => {
      if (this.#phase !== 'checking') return;
      switch (outcome.kind) {
        case 'close':
          this.close(outcome.disconnect);
          break;
        case 'error':
          this.fail(command.id, outcome.error);
          this.#on('erred');
          break;
        case 'granted':
          this.#serve(command.id, outcome);
      }
    });
  }

  #serve(id: number, { grant, subs, refused }: Granted): void {
    const revoked = this.#revocations?.find(([whose]) => isOneOf(whose, grant));
    this.#revocations = undefined;
    if (revoked !== undefined) {
      this.close(revoked[1]);
      return;
    }
    if (!this.host.admit(grant.user)) {
      this.close(disconnects.connectionLimit);
      return;
    }
    this.#on('granted');
    const { limits, clock, version } = this.host;
    const session = new Session(this, this.host.nextClient(), grant);
    this.#session = session;
    this.#phaseEndsAt = NEVER;
    // The first ping comes after half to a whole interval, so that clients do not answer in step.
    this.#pingAt = clock.now() + limits.pingMs * (0.5 + this.host.random() / 2);
    const results = subs.map((sub): [string, string] => [sub.channel, session.addPlanned(sub)]);
    const ttl = session.ttl(grant.expiresAt);
    const result = {
      client: session.client,
      version,
      ...(ttl === undefined ? {} : ({ expires: true, ttl } as const)),
      // In whole seconds; 0 would be left out.
      ...(limits.pingMs < 1_000 ? {} : { ping: Math.floor(limits.pingMs / 1_000) }),
      pong: true,
    } as const;
    this.send(reply(id, 'connect', connectResult(result, results)));
    session.announceAll();
    for (const [channel, reason] of refused) {
      const { code } = unsubscribes.server;
      this.host.countUnsubscribe(code);
      this.send(unsubscribePush(channel, { code, reason }));
    }
  }

  // --- ping and end --------------------------------------------------------------------------------

  #ping(now: number): void {
    this.#outbox.send('{}');
    this.#pingAt = now + this.host.limits.pingMs;
    this.#pongBy = now + this.host.limits.pongMs;
  }

  /** An unasked pong is a broken client (§2.3). */
  #takePong(): void {
    if (this.#pongBy === NEVER) this.close(disconnects.badRequest);
    else this.#pongBy = NEVER;
  }

  /** Closes: what was answered goes first, except to a client that does not read. */
  #end(why: Disconnect): void {
    this.#endSession();
    if (why.code !== disconnects.slow.code) this.#outbox.release();
    this.#outbox.discard();
    this.#phaseEndsAt = this.host.clock.now() + this.host.limits.closeMs;
    this.#dueAt = 0;
    this.#socket.close(why.code, why.reason);
    this.host.ended(this, why.code);
  }

  #leave(before: Phase): void {
    this.#endSession();
    this.#outbox.discard();
    if (before !== 'closing') this.host.ended(this, ABNORMAL_CODE);
    this.host.gone(this);
  }

  #endSession(): void {
    this.#inbox = undefined;
    this.#revocations = undefined;
    const session = this.#session;
    session?.end();
    this.#session = undefined;
    if (session !== undefined) this.host.left(session.user);
    this.#pingAt = NEVER;
    this.#pongBy = NEVER;
  }
}
