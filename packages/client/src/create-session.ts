import { type Reply, type RouteName, routes } from '@telex/contract';
import { type Addresses, readAddresses, readPushUrl } from './address.ts';
import { type ApiClient, type ApiOutcome, createApiClient } from './api.ts';
import { fetchDirectory } from './directory.ts';
import { type Fault, makeFault } from './faults.ts';
import {
  type Effect,
  initialState,
  type MachineEvent,
  type MachineState,
  step,
} from './machine.ts';
import { createSocketSlot, type SocketSlot } from './push-socket.ts';
import type {
  CallInput,
  CallOutcome,
  Credentials,
  Session,
  SessionOptions,
  SignInOutcome,
} from './session.ts';
import type { SessionEvent, SessionListener, Unread } from './session-events.ts';
import type { State } from './state.ts';
import { TokenBook } from './token-book.ts';
import { faultOfBug, UserSession } from './user-session.ts';

const LOGIN_TIMEOUT_MS = 15_000;
const LOGOUT_TIMEOUT_MS = 5_000;
/** `close()` waits no longer for marks and logout. */
const CLOSE_LIMIT_MS = 900;
const NOTHING_UNREAD: Unread = { total: 0, organisations: [] };

/** Makes a session; nothing happens before `prepare` or `signIn`. */
export function createSession(options: SessionOptions): Session {
  return new SessionDriver(options);
}

/** Runs the effects of the machine; holds no rule of its own. */
class SessionDriver implements Session {
  readonly #options: SessionOptions;
  readonly #program: string;
  readonly #addresses: Addresses | undefined;
  readonly #api: ApiClient | undefined;
  readonly #slot: SocketSlot;
  readonly #listeners = new Set<SessionListener>();
  readonly #background = new Set<Promise<unknown>>();
  #machine: MachineState = initialState;
  #credentials: Credentials | undefined;
  #attempt: AbortController | undefined;
  #user: UserSession | undefined;
  #userLife: AbortController | undefined;
  #waiting: ((outcome: SignInOutcome) => void) | undefined;
  #cancelTimer = () => {};
  /** Organisations have changed since the state was last told. */
  #isUntold = false;

  constructor(options: SessionOptions) {
    const { ports, apiUrl, pushUrl, allowLoopbackHttp } = options;
    this.#options = options;
    this.#program = options.program ?? 'telex-client';
    this.#addresses = readAddresses(apiUrl, pushUrl, allowLoopbackHttp === true);
    this.#slot = createSocketSlot(ports.openWebSocket, ports.clock);
    this.#api =
      this.#addresses === undefined
        ? undefined
        : createApiClient(ports.http, ports.clock, this.#addresses.api, this.#program);
  }

  get state(): State {
    return this.#publicState();
  }

  get unread(): Unread {
    return this.#user?.unread ?? NOTHING_UNREAD;
  }

  listen(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  prepare(): void {
    if (this.#addresses === undefined || this.#machine.kind === 'closed') return;
    const { http, preconnectWebSocket } = this.#options.ports;
    http.preconnect(this.#addresses.api);
    preconnectWebSocket?.(this.#addresses.push);
  }

  signIn(credentials: Credentials): Promise<SignInOutcome> {
    this.#settle({ ok: false, fault: makeFault('cancelled') });
    if (this.#machine.kind === 'closed') {
      return Promise.resolve({ ok: false, fault: makeFault('cancelled') });
    }
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#credentials = credentials;
      this.#send({ kind: 'sign-in', now: this.#now() });
    });
  }

  signOut(): void {
    this.#send({ kind: 'sign-out', now: this.#now() });
  }

  reconnectNow(): void {
    this.#send({ kind: 'hint', now: this.#now() });
  }

  async call<Name extends RouteName>(
    name: Name,
    input: CallInput<Name> = {},
  ): Promise<CallOutcome<Reply<Name>>> {
    const api = this.#api;
    const { body, query, parameters } = input;
    const request = {
      ...(body === undefined ? {} : { body }),
      ...(query === undefined ? {} : { query: query as Readonly<Record<string, string>> }),
      ...(parameters === undefined
        ? {}
        : { parameters: parameters as Readonly<Record<string, string>> }),
    };
    if (this.#user !== undefined) return outcomeOf(await this.#user.request(name, request));
    if (api === undefined) return { ok: false, fault: makeFault('insecure_address') };
    if (routes[name].auth !== 'none') return { ok: false, fault: makeFault('not_signed_in') };
    return outcomeOf(await api.request(name, { ...request, credential: { kind: 'none' } }));
  }

  async close(): Promise<void> {
    this.#send({ kind: 'close', now: this.#now() });
    let cancelLimit = () => {};
    const limit = new Promise<void>((resolve) => {
      cancelLimit = this.#options.ports.clock.after(CLOSE_LIMIT_MS, resolve);
    });
    await Promise.race([Promise.all([...this.#background]), limit]);
    cancelLimit();
    this.#options.ports.http.closeIdle();
    this.#options.ports.closeIdleWebSocket?.();
    this.#listeners.clear();
  }

  #now(): number {
    return this.#options.ports.clock.now();
  }

  #send(event: MachineEvent): void {
    const before = this.#machine;
    const { state, effects } = step(before, event);
    this.#machine = state;
    for (const effect of effects) this.#run(effect);
    // An effect may have sent an event of its own, and told of it.
    if (this.#machine !== state || state === before) return;
    this.#announce();
  }

  #run(effect: Effect): void {
    switch (effect.kind) {
      case 'log-in':
        this.#keep(this.#logIn());
        return;
      case 'abort-log-in':
        this.#attempt?.abort();
        this.#attempt = undefined;
        return;
      case 'dial':
        if (this.#user !== undefined) this.#keep(this.#user.dial(effect.mustRenew));
        return;
      case 'hang-up':
        this.#hangUp();
        return;
      case 'log-out':
        this.#logOut(this.#user?.accessToken);
        return;
      case 'forget-positions':
        this.#user?.forgetPositions();
        return;
      case 'set-timer':
        this.#setTimer(effect.event, effect.at);
        return;
      case 'clear-timer':
        this.#cancelTimer();
        return;
      case 'probe':
        this.#user?.probe();
        return;
      case 'ask':
        if (this.#user !== undefined) this.#keep(this.#user.ask(effect.fault));
        return;
    }
  }

  #setTimer(event: 'retry-due' | 'stable-due', at: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.ports.clock.after(Math.max(0, at - this.#now()), () =>
      this.#send({ kind: event, now: this.#now() }),
    );
  }

  #hangUp(): void {
    this.#cancelTimer();
    this.#slot.discard();
    const user = this.#user;
    this.#user = undefined;
    this.#userLife?.abort();
    this.#userLife = undefined;
    if (user === undefined) return;
    this.#keep(user.close());
    void this.#emitAll({ kind: 'unread', unread: NOTHING_UNREAD });
  }

  #logOut(token: string | undefined): void {
    if (token === undefined || this.#api === undefined) return;
    this.#keep(
      this.#api.request('logout', {
        credential: { kind: 'bearer', token },
        timeoutMs: LOGOUT_TIMEOUT_MS,
      }),
    );
  }

  /** Login, then the list with all tokens; the WebSocket opens beside them. */
  async #logIn(): Promise<void> {
    const credentials = this.#credentials;
    this.#credentials = undefined;
    const api = this.#api;
    const addresses = this.#addresses;
    if (api === undefined || addresses === undefined || credentials === undefined) {
      this.#signInFailed(makeFault('insecure_address'));
      return;
    }
    const attempt = new AbortController();
    this.#attempt = attempt;
    const { signal } = attempt;
    this.#slot.open(addresses.push);
    const login = await api.request('login', {
      credential: { kind: 'none' },
      body: { email: credentials.email, password: credentials.password },
      timeoutMs: LOGIN_TIMEOUT_MS,
      signal,
    });
    if (signal.aborted) {
      // The answer came too late to be wanted: do not leave a session behind.
      if (login.ok) this.#logOut(login.value.access_token);
      return;
    }
    if (!login.ok) {
      this.#signInFailed(faultOfLogin(login));
      return;
    }
    const fault = await this.#enter(api, addresses, login.value, signal);
    if (fault === undefined) return;
    this.#logOut(login.value.access_token);
    if (!signal.aborted) this.#signInFailed(fault);
  }

  /** @returns what stopped it, where something did. */
  async #enter(
    api: ApiClient,
    addresses: Addresses,
    login: Reply<'login'>,
    signal: AbortSignal,
  ): Promise<Fault | undefined> {
    const { ports, allowLoopbackHttp } = this.#options;
    const pushUrl =
      login.push_url === undefined
        ? addresses.push
        : readPushUrl(login.push_url, allowLoopbackHttp === true);
    if (pushUrl === undefined) return makeFault('insecure_address', { detail: 'push_url' });
    this.#slot.open(pushUrl);
    const book = new TokenBook(ports.clock, login);
    const marksKey = `${addresses.api} ${login.user.id}`;
    const [directory, marks] = await Promise.all([
      fetchDirectory(api, { id: login.user.id, tokens: book.user }, undefined, signal),
      ports.marks.load(marksKey).catch(() => ({})),
    ]);
    if (signal.aborted) return makeFault('cancelled');
    if (!directory.ok) return directory.fault;
    const life = new AbortController();
    this.#userLife = life;
    this.#attempt = undefined;
    const user: UserSession = new UserSession({
      ports,
      api,
      pushUrl,
      program: this.#program,
      takeSocket: (url) => this.#slot.take(url),
      login,
      directory: directory.value,
      book,
      marksKey,
      marks,
      signal: life.signal,
      hooks: {
        emit: (event) => this.#emitAll(event),
        onStatuses: () => this.#planStatus(),
        onUp: () => this.#send({ kind: 'links-up', now: this.#now() }),
        onDown: (advice, fault) => {
          const jitter = ports.random();
          this.#send({ kind: 'link-down', now: this.#now(), jitter, advice, fault });
        },
        onOver: (reason, fault) =>
          this.#send({ kind: 'session-expired', now: this.#now(), reason, fault }),
      },
    });
    this.#user = user;
    this.#send({ kind: 'signed-in', now: this.#now() });
    return undefined;
  }

  #signInFailed(fault: Fault): void {
    this.#send({ kind: 'sign-in-failed', now: this.#now(), fault });
  }

  /** Tells listeners and whoever waits for the sign-in of the state that is true now. */
  #announce(): void {
    this.#isUntold = false;
    const state = this.#publicState();
    void this.#emitAll({ kind: 'state', state });
    if (state.kind === 'live' || state.kind === 'offline') {
      this.#settle({ ok: true, user: state.user });
    } else if (state.kind === 'signed-out') {
      this.#settle({ ok: false, fault: state.fault ?? makeFault('cancelled') });
    }
  }

  #settle(outcome: SignInOutcome): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(outcome);
  }

  /** Many organisations change in one turn: told once. */
  #planStatus(): void {
    if (this.#isUntold) return;
    this.#isUntold = true;
    queueMicrotask(() => {
      if (this.#isUntold && this.#user !== undefined) this.#announce();
    });
  }

  #publicState(): State {
    const machine = this.#machine;
    if (machine.kind === 'signed-out') return machine;
    if (machine.kind === 'closed') return { kind: 'signed-out', reason: 'closed' };
    const user = this.#user;
    if (machine.kind === 'signing-in' || user === undefined) return { kind: 'signing-in' };
    const about = { user: user.user, organisations: user.statuses };
    if (machine.kind === 'connecting' || machine.kind === 'live') {
      return { kind: machine.kind, ...about };
    }
    const { clock } = this.#options.ports;
    const retryAt = machine.kind === 'offline' ? machine.retryAt : machine.since;
    const retryAtUnixMs = Math.round(clock.unixMs() + retryAt - clock.now());
    return { kind: 'offline', ...about, reason: machine.fault, retryAt, retryAtUnixMs };
  }

  /** Calls every listener; a promise where one of them is not done yet. */
  #emitAll(event: SessionEvent): void | Promise<void> {
    const pending: Promise<void>[] = [];
    for (const listener of [...this.#listeners]) {
      try {
        const done = listener(event);
        if (done instanceof Promise) {
          pending.push(done.catch((error) => this.#reportBug(error, event)));
        }
      } catch (error) {
        this.#reportBug(error, event);
      }
    }
    return pending.length === 0 ? undefined : Promise.all(pending).then(() => {});
  }

  #reportBug(error: unknown, event: SessionEvent): void {
    const fault = faultOfBug(error);
    this.#options.ports.log.warn('a listener failed', { event: event.kind, detail: fault.detail });
    // A listener that fails at faults too must not be asked again.
    if (event.kind !== 'fault') void this.#emitAll({ kind: 'fault', fault });
  }

  /** Remembers work to wait for in `close()`. */
  #keep(work: Promise<unknown>): void {
    const kept: Promise<unknown> = work
      .catch((error) => this.#reportBug(error, { kind: 'state', state: this.state }))
      .finally(() => this.#background.delete(kept));
    this.#background.add(kept);
  }
}

function faultOfLogin({ fault, status }: Extract<ApiOutcome<never>, { ok: false }>): Fault {
  const more = fault.detail === undefined ? {} : { detail: fault.detail };
  if (status === 401) return makeFault('wrong_credentials', more);
  if (status === 400 || status === 422) return makeFault('bad_input', more);
  if (status === 404 || status === 405) return makeFault('not_telex', more);
  return fault;
}

function outcomeOf<T>(outcome: ApiOutcome<T>): CallOutcome<T> {
  return outcome.ok ? outcome : { ok: false, fault: outcome.fault };
}
