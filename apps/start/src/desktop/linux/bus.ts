import type { WireMessage } from 'dbus-native/lib/message.js';
import { type AnswerListener, createPendingCalls } from './bus-calls.ts';
import { BusError, busErrors } from './bus-error.ts';
import { openBusLink } from './bus-link.ts';
import { createNameTable } from './bus-names.ts';
import { answerCall, type ExportedInterface } from './bus-objects.ts';
import {
  type BusSignal,
  isWellKnown,
  matches,
  matchRule,
  type SignalMatch,
} from './bus-signals.ts';

export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
  /** Default 10,000. */
  readonly timeoutMs?: number;
}

export interface OutgoingSignal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
}

/**
 * A message bus, for as long as the program runs: when it goes away it is dialled again, with growing pauses, and what was
 * asked for (signals, names, objects) holds again. Everything received is unchecked beyond its D-Bus signature.
 */
export interface Bus {
  /** As given by the bus, `:1.42`; another after a reconnect, none while there is no connection. */
  readonly uniqueName: string | undefined;
  /**
   * Rejects with `BusError`, in time, and at once where there is no connection; only while the first one is being opened it
   * waits. Never throws.
   */
  call(call: BusCall): Promise<readonly unknown[]>;
  /** Replies and signals are handed over in the order in which they came; a reply's `await` goes on before what came after it. */
  onSignal(match: SignalMatch, listener: (signal: BusSignal) => void): () => void;
  /** Told who owns the name as soon as that is known, then at each change; undefined while there is no connection. */
  watchName(name: string, listener: (owner: string | undefined) => void): () => void;
  /** Answers calls to this path. */
  exportObject(path: string, interfaces: readonly ExportedInterface[]): () => void;
  /** Lost without a word where there is no connection. */
  emit(signal: OutgoingSignal): void;
  /** Told at each change; `lost` also when the first try has failed, with why. */
  onState(listener: (state: 'connected' | 'lost', why: string | undefined) => void): () => void;
  /** What was emitted before still goes out. Never holds the process open, although the bus may be frozen. Idempotent. */
  close(): void;
}

export interface BusOptions {
  /** First pause before dialling again; each further one is twice as long. Default 100. */
  readonly firstPauseMs?: number;
  /** Default 30,000. */
  readonly longestPauseMs?: number;
  /** A fault of ours: a listener threw, or a signal does not fit its signature. */
  readonly onFault?: (error: unknown) => void;
}

const CALL_LIMIT_MS = 10_000;
const MOST_EARLY_CALLS = 100;
const METHOD_CALL = 1;
const METHOD_RETURN = 2;
const ERROR = 3;
const SIGNAL = 4;
const NO_REPLY_EXPECTED = 1;
const BUS = 'org.freedesktop.DBus';
const toBus = { destination: BUS, path: '/org/freedesktop/DBus', interface: BUS } as const;

/** Begins to connect at once; works without a bus too. `address` as in `DBUS_SESSION_BUS_ADDRESS`. */
export function openBus(address: string, options: BusOptions = {}): Bus {
  return new MessageBus(address, options);
}

type StateListener = (state: 'connected' | 'lost', why: string | undefined) => void;

class MessageBus implements Bus {
  uniqueName: string | undefined;
  readonly #onFault: (error: unknown) => void;
  readonly #link: ReturnType<typeof openBusLink>;
  readonly #pending = createPendingCalls();
  readonly #names = createNameTable(
    (run) => this.#later(run),
    (run) => this.#guard(run),
  );
  readonly #objects = new Map<string, readonly ExportedInterface[]>();
  readonly #subscriptions = new Set<{
    readonly match: SignalMatch;
    readonly listener: (signal: BusSignal) => void;
  }>();
  /** How many want each rule: the bus sends a signal once however many they are. */
  readonly #rules = new Map<string, number>();
  readonly #stateListeners = new Set<StateListener>();
  /** Calls that wait for the first connection; undefined once that is decided. */
  #early: (() => void)[] | undefined = [];
  #serial = 0;
  /** Counts connections, so that nothing is answered on another than it was asked on. */
  #round = 0;
  #isLostTold = false;
  #isClosed = false;

  constructor(
    address: string,
    { firstPauseMs = 100, longestPauseMs = 30_000, onFault = () => {} }: BusOptions,
  ) {
    this.#onFault = onFault;
    const pauses = { firstMs: firstPauseMs, longestMs: longestPauseMs };
    this.#link = openBusLink(address, pauses, {
      opened: () => this.#signIn(),
      // Each in a turn of its own: what waits for one goes on before the next is looked at.
      message: (message) => this.#later(() => this.#receive(message)),
      lost: (why) => this.#later(() => this.#lost(why)),
    });
  }

  call(request: BusCall): Promise<readonly unknown[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly unknown[]>();
    const early = this.#early;
    if (early === undefined) this.#ask(request, { resolve, reject });
    else if (early.length < MOST_EARLY_CALLS) {
      early.push(() => this.#ask(request, { resolve, reject }));
    } else reject(disconnected(request));
    return promise;
  }

  onSignal(match: SignalMatch, listener: (signal: BusSignal) => void): () => void {
    const subscription = { match, listener };
    const { sender } = match;
    const stopWatching =
      sender !== undefined && isWellKnown(sender) ? this.watchName(sender, () => {}) : () => {};
    this.#subscriptions.add(subscription);
    const removeRule = this.#addRule(match);
    return () => {
      this.#subscriptions.delete(subscription);
      removeRule();
      stopWatching();
    };
  }

  watchName(name: string, listener: (owner: string | undefined) => void): () => void {
    const { isNew, stop } = this.#names.watch(name, listener);
    const { path } = toBus;
    const member = 'NameOwnerChanged';
    const removeRule = this.#addRule({ sender: BUS, path, interface: BUS, member, arg0: name });
    if (isNew && this.uniqueName !== undefined) this.#askOwner(name);
    return () => {
      stop();
      removeRule();
    };
  }

  exportObject(path: string, interfaces: readonly ExportedInterface[]): () => void {
    this.#objects.set(path, interfaces);
    return () => {
      if (this.#objects.get(path) === interfaces) this.#objects.delete(path);
    };
  }

  emit({ signature = '', body = [], ...target }: OutgoingSignal): void {
    if (this.uniqueName === undefined) return;
    const content = signature === '' ? {} : { signature, body };
    this.#guard(() => this.#post({ type: SIGNAL, ...target, ...content }));
  }

  onState(listener: StateListener): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#link.close();
    this.uniqueName = undefined;
    this.#pending.rejectAll('the connection was closed');
    this.#endEarly();
  }

  #signIn(): void {
    this.#round += 1;
    const signedIn = ([name]: readonly unknown[]) => {
      if (typeof name !== 'string') {
        this.#link.drop();
        return;
      }
      this.uniqueName = name;
      this.#isLostTold = false;
      this.#link.signedIn();
      for (const rule of this.#rules.keys()) this.#tellBus('AddMatch', rule);
      for (const watched of this.#names.names) this.#askOwner(watched);
      this.#tellState('connected', undefined);
      this.#endEarly();
    };
    const refused = () => this.#link.drop();
    this.#ask({ ...toBus, member: 'Hello' }, { resolve: signedIn, reject: refused });
  }

  #lost(why: string): void {
    this.uniqueName = undefined;
    this.#pending.rejectAll(`the connection was lost: ${why}`);
    this.#endEarly();
    for (const name of this.#names.names) this.#names.set(name, undefined);
    if (!this.#isLostTold) this.#tellState('lost', why);
    this.#isLostTold = true;
  }

  #tellState(...told: Parameters<StateListener>): void {
    for (const listener of this.#stateListeners) this.#guard(() => listener(...told));
  }

  #endEarly(): void {
    const waiting = this.#early ?? [];
    this.#early = undefined;
    for (const run of waiting) run();
  }

  #ask(request: BusCall, listener: AnswerListener): void {
    const { timeoutMs = CALL_LIMIT_MS, signature = '', body = [], ...target } = request;
    const content = signature === '' ? {} : { signature, body };
    try {
      const serial = this.#post({ type: METHOD_CALL, ...target, ...content });
      if (serial === undefined) listener.reject(disconnected(request));
      else this.#pending.add(serial, listener, timeoutMs, request.member);
    } catch (error) {
      listener.reject(new BusError(busErrors.invalidArguments, messageOf(error)));
    }
  }

  /** The serial number; undefined where there is no connection. Throws where the message does not fit its signature. */
  #post(message: Omit<WireMessage, 'serial'>): number | undefined {
    this.#serial = this.#serial >= 0xffff_ffff ? 1 : this.#serial + 1;
    return this.#link.send({ ...message, serial: this.#serial }) ? this.#serial : undefined;
  }

  /** For calls whose failure shows elsewhere: the connection is lost, or the bus lacks what was asked for. */
  #tellBus(member: string, argument: string): void {
    const nothing = () => {};
    const call = { ...toBus, member, signature: 's', body: [argument] };
    this.#ask(call, { resolve: nothing, reject: nothing });
  }

  #askOwner(name: string): void {
    const call = { ...toBus, member: 'GetNameOwner', signature: 's', body: [name] };
    this.#ask(call, {
      resolve: ([owner]) => this.#names.set(name, typeof owner === 'string' ? owner : undefined),
      reject: () => this.#names.set(name, undefined),
    });
  }

  #addRule(match: SignalMatch): () => void {
    const rule = matchRule(match);
    const before = this.#rules.get(rule) ?? 0;
    this.#rules.set(rule, before + 1);
    if (before === 0 && this.uniqueName !== undefined) this.#tellBus('AddMatch', rule);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      const left = (this.#rules.get(rule) ?? 1) - 1;
      if (left > 0) {
        this.#rules.set(rule, left);
        return;
      }
      this.#rules.delete(rule);
      if (this.uniqueName !== undefined) this.#tellBus('RemoveMatch', rule);
    };
  }

  #receive(message: WireMessage): void {
    const { body = [], signature = '', replySerial } = message;
    switch (message.type) {
      case METHOD_RETURN:
        this.#pending.resolve(replySerial, body);
        break;
      case ERROR: {
        const text = typeof body[0] === 'string' ? body[0] : '';
        const error = new BusError(message.errorName ?? busErrors.failed, text);
        this.#pending.reject(replySerial, error);
        break;
      }
      case SIGNAL: {
        const { sender = '', path = '', interface: from = '', member = '' } = message;
        this.#receiveSignal({ sender, path, interface: from, member, signature, body });
        break;
      }
      case METHOD_CALL:
        this.#answer(message).catch(this.#onFault);
        break;
    }
  }

  #receiveSignal(signal: BusSignal): void {
    if (signal.sender === BUS && signal.member === 'NameOwnerChanged') this.#names.changed(signal);
    const ownerOf = (name: string) => (isWellKnown(name) ? this.#names.ownerOf(name) : name);
    for (const subscription of this.#subscriptions) {
      if (!matches(subscription.match, signal, ownerOf)) continue;
      this.#guard(() => subscription.listener(signal));
    }
  }

  async #answer(message: WireMessage): Promise<void> {
    const { sender, serial: replySerial, flags = 0 } = message;
    const round = this.#round;
    const address = {
      replySerial,
      ...(sender === undefined ? {} : { destination: sender }),
    };
    const reply = await this.#replyTo(message);
    // A connection made meanwhile knows nothing of this call.
    if ((flags & NO_REPLY_EXPECTED) !== 0 || round !== this.#round) return;
    try {
      this.#post({ ...reply, ...address });
    } catch (error) {
      const body = ['the answer does not fit its signature'];
      this.#post({ type: ERROR, ...address, errorName: busErrors.failed, signature: 's', body });
      throw error;
    }
  }

  async #replyTo(message: WireMessage): Promise<Omit<WireMessage, 'serial'>> {
    const { path = '', member = '', signature = '', body = [] } = message;
    try {
      const interfaces = this.#objects.get(path);
      if (interfaces === undefined) throw new BusError(busErrors.unknownObject, 'nothing is here');
      const call = { interface: message.interface, member, signature, body };
      const result = await answerCall(interfaces, call);
      return { type: METHOD_RETURN, ...(result.signature === '' ? {} : result) };
    } catch (error) {
      const errorName = error instanceof BusError ? error.errorName : busErrors.failed;
      if (!(error instanceof BusError)) this.#onFault(error);
      return { type: ERROR, errorName, signature: 's', body: [messageOf(error)] };
    }
  }

  /** In order, after the present turn. */
  #later(run: () => void): void {
    setImmediate(() => {
      if (!this.#isClosed) this.#guard(run);
    });
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#onFault(error);
    }
  }
}

function disconnected({ destination, member }: BusCall): BusError {
  return new BusError(
    busErrors.disconnected,
    `no connection to the bus: ${member} of ${destination} was not called`,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
