import { type Reply, type RouteName, readPushChannel, routes } from '@telex/contract';
import type { ApiClient, ApiOutcome, ApiRequest, Credential } from './api.ts';
import { CatchUp, type CatchUpResult } from './catch-up.ts';
import type { Advice } from './close-codes.ts';
import { type Directory, fetchDirectory } from './directory.ts';
import { type Fault, makeFault } from './faults.ts';
import { Inbox } from './inbox.ts';
import type { LinkEvents, LinkTokens } from './link.ts';
import { Links } from './links.ts';
import { MarksKeeper } from './marks-keeper.ts';
import type { Marks, Ports, WebSocketLike } from './ports.ts';
import { Renewal, type RenewOutcome } from './renewal.ts';
import type { ReceivedPush, SessionEvent, Unread } from './session-events.ts';
import type { Organisation, OrganisationStatus, SignedInUser } from './state.ts';
import type { TokenBook } from './token-book.ts';
import { UnreadSet } from './unread-set.ts';

/** After a reconnect, refetches are spread over this time: a whole fleet may come back at once. */
const REFETCH_SPREAD_MS = 3_000;
const RELIST_SPREAD_MS = 10_000;
/** An organisation without a token is asked about again: first after this, then less and less often. */
const FIRST_RELIST_MS = 30_000;
const LAST_RELIST_MS = 600_000;
/** The wall clock ran so much further than the monotonic one: the machine slept. */
const SLEEP_MS = 60_000;

export interface UserSessionHooks {
  readonly emit: (event: SessionEvent) => void | Promise<void>;
  /** An organisation's status changed. */
  readonly onStatuses: () => void;
  readonly onUp: () => void;
  readonly onDown: (advice: Advice, fault: Fault) => void;
  readonly onOver: (reason: 'expired' | 'ended', fault: Fault) => void;
}

export interface UserSessionOptions {
  readonly ports: Ports;
  readonly api: ApiClient;
  readonly pushUrl: string;
  readonly program: string;
  readonly takeSocket: (url: string) => WebSocketLike;
  readonly login: Reply<'login'>;
  readonly directory: Directory;
  readonly book: TokenBook;
  readonly marksKey: string;
  readonly marks: Marks;
  readonly signal: AbortSignal;
  readonly hooks: UserSessionHooks;
}

/**
 * Everything that belongs to one signed-in user, from the login reply to `close()`: tokens,
 * organisations, connections, the inbox, the unread set and the marks.
 */
export class UserSession {
  readonly user: SignedInUser;
  readonly #options: UserSessionOptions;
  readonly #book: TokenBook;
  readonly #renewal: Renewal;
  readonly #links: Links;
  readonly #inbox: Inbox;
  readonly #unread: UnreadSet;
  readonly #keeper: MarksKeeper;
  readonly #catchUp: CatchUp;
  readonly #statuses = new Map<string, OrganisationStatus>();
  #dialect: Directory['dialect'];
  #hasBeenUp = false;
  #isClosed = false;
  #isAsking = false;
  /** Pushes that the push server replayed and that were delivered, by organisation. */
  readonly #replays = new Map<string, number>();
  #isTakingReplay = false;
  #relists = 0;
  #cancelRelist = () => {};
  #isUnreadPlanned = false;
  #isUnreadAnnounced = false;
  #lostAtUnixMs: number | undefined;
  /** Wall minus monotonic clock when last looked at. */
  #drift: number;
  #cancelTimers: (() => void)[] = [];

  constructor(options: UserSessionOptions) {
    const { ports, login, book, hooks } = options;
    const { clock, random } = ports;
    this.#options = options;
    this.#book = book;
    this.#dialect = options.directory.dialect;
    this.#drift = clock.unixMs() - clock.now();
    this.user = readUser(login);
    this.#unread = new UnreadSet(this.user.id);
    this.#keeper = new MarksKeeper({
      store: ports.marks,
      key: options.marksKey,
      clock,
      loaded: options.marks,
      onError: () => this.#fault(makeFault('marks_unwritable')),
    });
    this.#inbox = new Inbox({
      userId: this.user.id,
      deliver: (push) => this.#deliver(push),
      onMark: (organisationId, mark, isDone) => this.#keeper.move(organisationId, mark, isDone),
      onFault: (fault, organisation) => this.#fault(fault, organisation),
    });
    this.#renewal = new Renewal({
      api: options.api,
      clock,
      random,
      book,
      fetchDirectory: () =>
        fetchDirectory(
          options.api,
          { id: this.user.id, tokens: book.user },
          this.#dialect,
          options.signal,
        ),
      onDirectory: (directory) => this.#takeDirectory(directory),
      onOver: ({ reason, fault }) => {
        // Nothing had run out: a connection ended on purpose and a refused refresh are one event.
        if (this.#isAsking) hooks.onOver('ended', makeFault('ended_elsewhere'));
        else hooks.onOver(reason, fault);
      },
      onFailed: (fault) => this.#fault(fault),
    });
    this.#catchUp = new CatchUp({
      inbox: this.#inbox,
      clock,
      random,
      ask: (cursors) => this.request('catchUp', { body: { cursors: [...cursors] } }),
      onDone: (results) => this.#caughtUp(results),
      onFailed: (fault) => {
        this.#fault(fault);
        this.#planUnread(REFETCH_SPREAD_MS);
      },
    });
    this.#links = new Links({
      url: options.pushUrl,
      program: options.program,
      clock,
      random,
      takeSocket: options.takeSocket,
      tokens: this.#linkTokens(),
      events: this.#linkEvents(),
      onLinkUp: () => {
        this.#tellReplays();
        this.#catchUp.request(this.#spreadMs());
      },
    });
    this.#takeDirectory(options.directory);
    this.#renewal.start();
  }

  get statuses(): readonly OrganisationStatus[] {
    return [...this.#statuses.values()];
  }

  get unread(): Unread {
    return this.#unread.read();
  }

  get accessToken(): string {
    return this.#book.user.access;
  }

  /** Opens the connections that are down; `mustRenew`: with new tokens only. */
  async dial(mustRenew: boolean): Promise<void> {
    const hasSlept = this.#hasSlept();
    const isOld = this.#book.isOld && this.#book.refresh !== undefined;
    if (mustRenew || isOld || hasSlept) {
      const outcome = await this.#renewal.renew();
      if (this.#isClosed || outcome.kind === 'over') return;
      if (outcome.kind === 'failed') {
        this.#options.hooks.onDown(mustRenew ? 'renew' : 'retry', outcome.fault);
        return;
      }
    }
    if (!this.#isClosed) this.#links.dial();
  }

  /** The network changed or the machine woke up: are the links alive and the tokens good? */
  probe(): void {
    if (this.#hasSlept() || (this.#book.isOld && this.#book.refresh !== undefined)) {
      void this.#renewal.renew();
    }
    this.#links.probe();
  }

  /** The push server ended the connection on purpose: is the session over, or only the push? */
  async ask(fault: Fault): Promise<void> {
    this.#isAsking = true;
    const outcome = await this.#renewal.renew();
    this.#isAsking = false;
    // When it is over, the renewal has said so.
    if (!this.#isClosed && outcome.kind !== 'over') this.#options.hooks.onDown('stop', fault);
  }

  forgetPositions(): void {
    this.#links.forgetPositions();
  }

  /** Calls a route as the user; an expired token is renewed once. */
  async request<Name extends RouteName>(
    name: Name,
    request: Omit<ApiRequest<Name>, 'credential'>,
  ): Promise<ApiOutcome<Reply<Name>>> {
    const { api, signal } = this.#options;
    const used = this.#book.user.access;
    const first = await api.request(name, {
      signal,
      ...request,
      credential: this.#credential(name),
    });
    const canRenew = !this.#isClosed && this.#book.refresh !== undefined;
    if (first.ok || first.status !== 401 || !canRenew || routes[name].auth === 'none') return first;
    if (used === this.#book.user.access) {
      const outcome = await this.#renewal.renew();
      if (outcome.kind !== 'renewed') {
        return { ok: false, fault: outcome.fault, status: 0, code: undefined };
      }
    }
    return api.request(name, { signal, ...request, credential: this.#credential(name) });
  }

  /** Ends everything; resolves when the marks are saved. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#renewal.stop();
    this.#catchUp.stop();
    this.#cancelRelist();
    for (const cancel of this.#cancelTimers) cancel();
    this.#links.close();
    return this.#keeper.close();
  }

  #credential(name: RouteName): Credential {
    const { access, notification } = this.#book.user;
    const { auth } = routes[name];
    if (auth === 'none') return { kind: 'none' };
    return auth === 'push' && notification !== undefined
      ? { kind: 'notification', token: notification }
      : { kind: 'bearer', token: access };
  }

  #linkTokens(): LinkTokens {
    const book = this.#book;
    const renewal = this.#renewal;
    return {
      connect: () => book.connect,
      channel: (channel) => book.channel(channel),
      freshConnect: async (used) => {
        if (book.connect === used) await renewal.renew();
        if (book.connect === used) throw new Error('there is no new connection token yet');
        return book.connect;
      },
      freshChannel: async (channel, used) => {
        const isNew = () => {
          const token = book.channel(channel);
          return token !== undefined && token !== used;
        };
        if (!isNew()) await (book.isOld ? renewal.renew() : renewal.relist());
        const token = book.channel(channel);
        if (token === undefined || token === used) {
          throw new Error('there is no new subscription token yet');
        }
        return token;
      },
    };
  }

  #linkEvents(): LinkEvents {
    const { hooks, ports } = this.#options;
    return {
      onUp: () => this.#up(),
      onDown: ({ advice, fault }, detail) => {
        this.#lostAtUnixMs ??= ports.clock.unixMs();
        ports.log.debug('the connection is down', { advice, fault, detail });
        hooks.onDown(advice, makeFault(fault, { detail }));
      },
      onChannelLive: (channel, isWhole) => {
        const status = this.#statusOf(channel);
        if (status === undefined) return;
        const { organisation } = status;
        if (!isWhole) this.#inbox.break(organisation.id);
        this.#setStatus({ kind: 'live', organisation, channel });
        if (!isWhole && this.#links.isUp(channel)) this.#catchUp.request(this.#spreadMs());
      },
      onChannelConnecting: (channel) => {
        const status = this.#statusOf(channel);
        if (status === undefined) return;
        this.#setStatus({ kind: 'connecting', organisation: status.organisation, channel });
      },
      onChannelFailed: (channel, code, detail) => {
        const status = this.#statusOf(channel);
        if (status === undefined) return;
        const { organisation } = status;
        const fault = makeFault(code, { detail });
        this.#setStatus({ kind: 'failed', organisation, channel, fault });
        this.#fault(fault, organisation);
      },
      onPublication: (channel, data, isReplay) => {
        const organisationId = this.#statusOf(channel)?.organisation.id;
        if (organisationId === undefined) return;
        this.#isTakingReplay = isReplay;
        this.#inbox.receive(organisationId, data, {
          via: isReplay ? 'catch-up' : 'live',
          receivedAt: ports.clock.now(),
          receivedAtUnixMs: ports.clock.unixMs(),
        });
        this.#isTakingReplay = false;
        // Before that, the link tells when it is up; the rest of the replay comes in this very turn.
        if (isReplay && this.#links.isUp(channel)) queueMicrotask(() => this.#tellReplays());
      },
      onBadFrame: (leftOut) => {
        this.#fault(makeFault('bad_push', { detail: `${leftOut} unreadable parts of a frame` }));
      },
      onBug: (error) => this.#fault(faultOfBug(error)),
    };
  }

  #up(): void {
    const isFirst = !this.#hasBeenUp;
    this.#hasBeenUp = true;
    this.#options.hooks.onUp();
    // After catching up, on the same connection; what is whole needs none.
    if (this.#inbox.behind().length === 0) this.#planUnread(this.#spreadMs());
    if (!isFirst) {
      // Who came or went meanwhile; its own outcome does not matter here.
      this.#after(this.#options.ports.random() * RELIST_SPREAD_MS, () => {
        void this.#renewal.relist();
      });
    }
  }

  #spreadMs(): number {
    return this.#lostAtUnixMs === undefined ? 0 : this.#options.ports.random() * REFETCH_SPREAD_MS;
  }

  #takeDirectory(directory: Directory): void {
    this.#dialect = directory.dialect;
    this.#book.takeDirectory(directory);
    const listed = new Set(directory.entries.map(({ organisation }) => organisation.id));
    for (const id of [...this.#statuses.keys()]) if (!listed.has(id)) this.#dropOrganisation(id);
    for (const entry of directory.entries) {
      const { organisation, channel } = entry;
      const before = this.#statuses.get(organisation.id);
      this.#inbox.open(organisation, channel, this.#keeper.mark(organisation.id));
      this.#unread.open(organisation);
      if ('fault' in entry) {
        const { fault } = entry;
        this.#statuses.set(organisation.id, { kind: 'failed', organisation, channel, fault });
        if (before?.kind !== 'failed') this.#fault(fault, organisation);
      } else if (before?.kind !== 'live') {
        this.#statuses.set(organisation.id, { kind: 'connecting', organisation, channel });
      }
    }
    if (listed.size === 0) this.#fault(makeFault('no_organisation'));
    this.#relistLater(directory.entries.some((entry) => 'fault' in entry));
    this.#links.setChannels(
      directory.entries.flatMap((entry) => ('token' in entry ? [entry.channel] : [])),
    );
    this.#options.hooks.onStatuses();
  }

  /** @param isNeeded an organisation has no token */
  #relistLater(isNeeded: boolean): void {
    const { clock, random } = this.#options.ports;
    this.#cancelRelist();
    if (!isNeeded) {
      this.#relists = 0;
      return;
    }
    const window = Math.min(LAST_RELIST_MS, FIRST_RELIST_MS * 2 ** Math.min(this.#relists, 6));
    this.#relists += 1;
    this.#cancelRelist = clock.after(window * (0.75 + random() / 2), () => {
      void this.#renewal.relist().then((listed) => {
        if (!listed.ok && !this.#isClosed) this.#relistLater(true);
      });
    });
  }

  #dropOrganisation(id: string): void {
    this.#statuses.delete(id);
    this.#inbox.drop(id);
    this.#unread.drop(id);
    this.#keeper.forget(id);
    this.#announceUnread();
  }

  #statusOf(channel: string): OrganisationStatus | undefined {
    const known = readPushChannel(channel)?.organisationId;
    const status = known === undefined ? undefined : this.#statuses.get(known);
    return status?.channel === channel ? status : undefined;
  }

  #setStatus(status: OrganisationStatus): void {
    this.#statuses.set(status.organisation.id, status);
    this.#options.hooks.onStatuses();
  }

  #deliver(push: ReceivedPush): void | Promise<void> {
    const { id } = push.organisation;
    if (this.#isTakingReplay) this.#replays.set(id, (this.#replays.get(id) ?? 0) + 1);
    const isChanged = this.#unread.receive(id, push.event);
    const done = this.#options.hooks.emit({ kind: 'push', push });
    if (isChanged) this.#announceUnread();
    return done;
  }

  #caughtUp(results: readonly CatchUpResult[]): void {
    this.#tellCaughtUp(results);
    this.#planUnread(0);
  }

  /** What the push server replayed has been caught up with, too. */
  #tellReplays(): void {
    if (this.#isClosed || this.#replays.size === 0) return;
    const results = [...this.#replays].map(([organisationId, pushes]) => ({
      organisationId,
      pushes,
      gap: false,
    }));
    this.#replays.clear();
    this.#tellCaughtUp(results);
  }

  #tellCaughtUp(results: readonly CatchUpResult[]): void {
    const { clock } = this.#options.ports;
    const organisations = results.flatMap(({ organisationId, pushes, gap }) => {
      const organisation = this.#statuses.get(organisationId)?.organisation;
      return organisation === undefined ? [] : [{ organisation, pushes, gap }];
    });
    const fromUnixMs = this.#lostAtUnixMs;
    if (this.#inbox.behind().length === 0) this.#lostAtUnixMs = undefined;
    this.#emit({
      kind: 'caught-up',
      pushes: organisations.reduce((sum, { pushes }) => sum + pushes, 0),
      organisations,
      ...(fromUnixMs === undefined ? {} : { away: { fromUnixMs, untilUnixMs: clock.unixMs() } }),
    });
    for (const { organisation, gap } of organisations) {
      if (gap) this.#fault(makeFault('history_gap'), organisation);
    }
  }

  /** Loads the unread set; at most one load at a time. */
  #planUnread(delayMs: number): void {
    if (this.#isUnreadPlanned) return;
    this.#isUnreadPlanned = true;
    this.#after(delayMs, () => {
      this.#unread.expectSnapshot();
      void this.request('unread', {}).then((reply) => {
        this.#isUnreadPlanned = false;
        if (this.#isClosed) return;
        if (!reply.ok) {
          this.#unread.cancelSnapshot();
          return;
        }
        const isWhole = this.#unread.applySnapshot(reply.value.organisations);
        this.#announceUnread();
        if (!isWhole) this.#planUnread(REFETCH_SPREAD_MS);
      });
    });
  }

  /** Many changes of one turn are told once. */
  #announceUnread(): void {
    if (this.#isUnreadAnnounced) return;
    this.#isUnreadAnnounced = true;
    queueMicrotask(() => {
      this.#isUnreadAnnounced = false;
      if (!this.#isClosed) this.#emit({ kind: 'unread', unread: this.unread });
    });
  }

  #fault(fault: Fault, organisation?: Organisation): void {
    if (this.#isClosed) return;
    this.#emit(
      organisation === undefined
        ? { kind: 'fault', fault }
        : { kind: 'fault', fault, organisation },
    );
  }

  #emit(event: SessionEvent): void {
    void this.#options.hooks.emit(event);
  }

  #after(delayMs: number, run: () => void): void {
    if (delayMs <= 0) {
      run();
      return;
    }
    const cancel = this.#options.ports.clock.after(delayMs, () => {
      this.#cancelTimers = this.#cancelTimers.filter((other) => other !== cancel);
      run();
    });
    this.#cancelTimers.push(cancel);
  }

  #hasSlept(): boolean {
    const { clock } = this.#options.ports;
    const drift = clock.unixMs() - clock.now();
    const hasSlept = drift - this.#drift > SLEEP_MS;
    this.#drift = drift;
    return hasSlept;
  }
}

export type { RenewOutcome };

/** A thrown value says little that is safe to repeat: only its class. */
export function faultOfBug(error: unknown): Fault {
  return makeFault('handler_failed', {
    detail: error instanceof Error ? error.name : typeof error,
  });
}

function readUser({ user }: Reply<'login'>): SignedInUser {
  return {
    id: user.id,
    ...(user.email === undefined ? {} : { email: user.email }),
    ...(user.username === undefined ? {} : { username: user.username }),
  };
}
