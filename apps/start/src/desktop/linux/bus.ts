import type { WireMessage } from 'dbus-native/lib/message.js';
import { type BusConnection, connectToBus } from './bus-connection.ts';
import { BusError, busErrors } from './bus-error.ts';
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
/** A frozen bus takes connections and never answers. */
const OPEN_LIMIT_MS = 10_000;
const MOST_EARLY_CALLS = 100;
const METHOD_CALL = 1;
const METHOD_RETURN = 2;
const ERROR = 3;
const SIGNAL = 4;
const NO_REPLY_EXPECTED = 1;
const BUS = 'org.freedesktop.DBus';
const toBus = { destination: BUS, path: '/org/freedesktop/DBus', interface: BUS } as const;

interface Waiting {
  readonly resolve: (body: readonly unknown[]) => void;
  readonly reject: (error: BusError) => void;
}

interface WatchedName {
  owner: string | undefined;
  isKnown: boolean;
  readonly listeners: Set<(owner: string | undefined) => void>;
}

/** Begins to connect at once; works without a bus too. `address` as in `DBUS_SESSION_BUS_ADDRESS`. */
export function openBus(address: string, options: BusOptions = {}): Bus {
  const { firstPauseMs = 100, longestPauseMs = 30_000, onFault = () => {} } = options;
  const pending = new Map<number, Waiting>();
  const subscriptions = new Set<{
    readonly match: SignalMatch;
    readonly listener: (signal: BusSignal) => void;
  }>();
  /** How many want each rule: the bus would send a signal once however many they are. */
  const rules = new Map<string, number>();
  const names = new Map<string, WatchedName>();
  const objects = new Map<string, readonly ExportedInterface[]>();
  const stateListeners = new Set<(state: 'connected' | 'lost', why: string | undefined) => void>();
  let early: (() => void)[] | undefined = [];
  let connection: BusConnection | undefined;
  let uniqueName: string | undefined;
  let serial = 0;
  let pauseMs = firstPauseMs;
  let retry: NodeJS.Timeout | undefined;
  let openLimit: NodeJS.Timeout | undefined;
  let isLostTold = false;
  let isClosed = false;

  const guard = (run: () => void): void => {
    try {
      run();
    } catch (error) {
      onFault(error);
    }
  };
  /** In the order in which it is asked for; what waits for one goes on before the next. */
  const later = (run: () => void): void => {
    setImmediate(() => {
      if (!isClosed) guard(run);
    });
  };

  const post = (message: Omit<WireMessage, 'serial'>): number => {
    serial = serial >= 0xffff_ffff ? 1 : serial + 1;
    connection?.send({ ...message, serial });
    return serial;
  };

  const callNow = (request: BusCall): Promise<readonly unknown[]> => {
    if (connection === undefined) return Promise.reject(disconnected(request));
    const { promise, resolve, reject } = Promise.withResolvers<readonly unknown[]>();
    const { timeoutMs = CALL_LIMIT_MS, signature = '', body = [], ...target } = request;
    let number: number;
    try {
      const content = signature === '' ? {} : { signature, body };
      number = post({ type: METHOD_CALL, ...target, ...content });
    } catch (error) {
      return Promise.reject(new BusError(busErrors.invalidArguments, messageOf(error)));
    }
    const timer = setTimeout(() => {
      const late = new BusError(
        busErrors.noReply,
        `${request.destination} did not answer ${request.member} within ${timeoutMs} ms`,
      );
      settle(number, (waiting) => waiting.reject(late));
    }, timeoutMs);
    timer.unref();
    pending.set(number, {
      resolve(answer) {
        clearTimeout(timer);
        resolve(answer);
      },
      reject(error) {
        clearTimeout(timer);
        reject(error);
      },
    });
    return promise;
  };

  const settle = (number: number | undefined, end: (waiting: Waiting) => void): void => {
    const waiting = number === undefined ? undefined : pending.get(number);
    if (number === undefined || waiting === undefined) return;
    pending.delete(number);
    end(waiting);
  };

  /** For calls whose failure shows elsewhere: the connection is lost, or the bus lacks what was asked for. */
  const tellBus = (member: string, argument: string): void => {
    callNow({ ...toBus, member, signature: 's', body: [argument] }).catch(() => {});
  };

  const addRule = (match: SignalMatch): (() => void) => {
    const rule = matchRule(match);
    const before = rules.get(rule) ?? 0;
    rules.set(rule, before + 1);
    if (before === 0 && uniqueName !== undefined) tellBus('AddMatch', rule);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      const left = (rules.get(rule) ?? 1) - 1;
      if (left > 0) {
        rules.set(rule, left);
        return;
      }
      rules.delete(rule);
      if (uniqueName !== undefined) tellBus('RemoveMatch', rule);
    };
  };

  const setOwner = (name: string, owner: string | undefined): void => {
    const watched = names.get(name);
    if (watched === undefined || (watched.isKnown && watched.owner === owner)) return;
    watched.owner = owner;
    watched.isKnown = true;
    for (const listener of [...watched.listeners]) {
      if (watched.listeners.has(listener)) guard(() => listener(owner));
    }
  };
  const askOwner = (name: string): void => {
    callNow({ ...toBus, member: 'GetNameOwner', signature: 's', body: [name] }).then(
      ([owner]) => setOwner(name, typeof owner === 'string' ? owner : undefined),
      () => setOwner(name, undefined),
    );
  };
  const ownerOf = (name: string): string | undefined =>
    isWellKnown(name) ? names.get(name)?.owner : name;

  const receive = (message: WireMessage): void => {
    const { body = [], signature = '' } = message;
    switch (message.type) {
      case METHOD_RETURN:
        settle(message.replySerial, ({ resolve }) => resolve(body));
        break;
      case ERROR: {
        const text = typeof body[0] === 'string' ? body[0] : '';
        const error = new BusError(message.errorName ?? busErrors.failed, text);
        settle(message.replySerial, ({ reject }) => reject(error));
        break;
      }
      case SIGNAL:
        receiveSignal({
          sender: message.sender ?? '',
          path: message.path ?? '',
          interface: message.interface ?? '',
          member: message.member ?? '',
          ...{ signature, body },
        });
        break;
      case METHOD_CALL:
        answer(message).catch(onFault);
        break;
    }
  };

  const receiveSignal = (signal: BusSignal): void => {
    if (signal.sender === BUS && signal.member === 'NameOwnerChanged') {
      const [name, , owner] = signal.body;
      if (typeof name === 'string') {
        setOwner(name, typeof owner === 'string' && owner !== '' ? owner : undefined);
      }
    }
    for (const subscription of [...subscriptions]) {
      const { match, listener } = subscription;
      const isMeant = subscriptions.has(subscription) && matches(match, signal, ownerOf);
      if (isMeant) guard(() => listener(signal));
    }
  };

  const answer = async (message: WireMessage): Promise<void> => {
    const { path = '', member = '', signature = '', body = [], sender } = message;
    const address = {
      replySerial: message.serial,
      ...(sender === undefined ? {} : { destination: sender }),
    };
    const from = connection;
    let reply: Omit<WireMessage, 'serial'>;
    try {
      const interfaces = objects.get(path);
      if (interfaces === undefined) throw new BusError(busErrors.unknownObject, 'nothing is here');
      const call = { interface: message.interface, member, signature, body };
      const result = await answerCall(interfaces, call);
      const content = result.signature === '' ? {} : result;
      reply = { type: METHOD_RETURN, ...address, ...content };
    } catch (error) {
      const errorName = error instanceof BusError ? error.errorName : busErrors.failed;
      if (!(error instanceof BusError)) onFault(error);
      reply = { type: ERROR, ...address, errorName, signature: 's', body: [messageOf(error)] };
    }
    // A connection made meanwhile knows nothing of this call.
    const isWanted = ((message.flags ?? 0) & NO_REPLY_EXPECTED) === 0;
    if (!isWanted || from !== connection) return;
    try {
      post(reply);
    } catch (error) {
      const body = ['the answer does not fit'];
      post({ type: ERROR, ...address, errorName: busErrors.failed, signature: 's', body });
      throw error;
    }
  };

  const opened = async (mine: BusConnection): Promise<void> => {
    connection = mine;
    const [name] = await callNow({ ...toBus, member: 'Hello' });
    if (isClosed || typeof name !== 'string') return;
    clearTimeout(openLimit);
    uniqueName = name;
    pauseMs = firstPauseMs;
    isLostTold = false;
    for (const rule of rules.keys()) tellBus('AddMatch', rule);
    for (const watched of names.keys()) askOwner(watched);
    for (const listener of stateListeners) guard(() => listener('connected', undefined));
    endEarly();
  };

  const endEarly = (): void => {
    const waiting = early ?? [];
    early = undefined;
    for (const run of waiting) run();
  };

  const closed = (why: string): void => {
    clearTimeout(openLimit);
    connection = undefined;
    uniqueName = undefined;
    for (const number of [...pending.keys()]) {
      const lost = new BusError(busErrors.disconnected, `the connection was lost: ${why}`);
      settle(number, ({ reject }) => reject(lost));
    }
    endEarly();
    if (isClosed) return;
    for (const name of names.keys()) setOwner(name, undefined);
    if (!isLostTold) for (const listener of stateListeners) guard(() => listener('lost', why));
    isLostTold = true;
    retry = setTimeout(dial, pauseMs * (0.75 + Math.random() / 2));
    retry.unref();
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  };

  const dial = (): void => {
    const dialled = connectToBus(address, {
      opened: (mine) => {
        // What fails here closes the connection, and that is handled there.
        opened(mine).catch(() => mine.destroy());
      },
      message: (message) => later(() => receive(message)),
      // After what came before the end.
      closed: (why) => later(() => closed(why)),
    });
    current = dialled;
    openLimit = setTimeout(() => dialled.destroy(), OPEN_LIMIT_MS);
    openLimit.unref();
  };

  const watchName: Bus['watchName'] = (name, listener) => {
    let watched = names.get(name);
    if (watched === undefined) {
      watched = { owner: undefined, isKnown: false, listeners: new Set() };
      names.set(name, watched);
    }
    const { listeners, isKnown, owner } = watched;
    // One and the same function may watch twice.
    const mine = (now: string | undefined): void => listener(now);
    listeners.add(mine);
    const removeRule = addRule({
      ...{ sender: BUS, path: '/org/freedesktop/DBus', interface: BUS },
      ...{ member: 'NameOwnerChanged', arg0: name },
    });
    if (isKnown) {
      later(() => {
        if (listeners.has(mine)) mine(owner);
      });
    } else if (uniqueName !== undefined) {
      askOwner(name);
    }
    return () => {
      listeners.delete(mine);
      removeRule();
      if (listeners.size === 0 && names.get(name)?.listeners === listeners) names.delete(name);
    };
  };

  let current: BusConnection | undefined;
  dial();

  return {
    get uniqueName() {
      return uniqueName;
    },
    call(request) {
      if (isClosed) return Promise.reject(disconnected(request));
      if (early === undefined) return callNow(request);
      if (early.length >= MOST_EARLY_CALLS) return Promise.reject(disconnected(request));
      const { promise, resolve } = Promise.withResolvers<readonly unknown[]>();
      early.push(() => resolve(callNow(request)));
      return promise;
    },
    onSignal(match, listener) {
      const subscription = { match, listener };
      const stopWatching =
        match.sender !== undefined && isWellKnown(match.sender)
          ? watchName(match.sender, () => {})
          : () => {};
      subscriptions.add(subscription);
      const removeRule = addRule(match);
      return () => {
        subscriptions.delete(subscription);
        removeRule();
        stopWatching();
      };
    },
    watchName,
    exportObject(path, interfaces) {
      objects.set(path, interfaces);
      return () => {
        if (objects.get(path) === interfaces) objects.delete(path);
      };
    },
    emit({ signature = '', body = [], ...target }) {
      if (uniqueName === undefined) return;
      const content = signature === '' ? {} : { signature, body };
      guard(() => post({ type: SIGNAL, ...target, ...content }));
    },
    onState(listener) {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(retry);
      clearTimeout(openLimit);
      current?.end();
      const error = new BusError(busErrors.disconnected, 'the connection was closed');
      for (const waiting of [...pending.values()]) waiting.reject(error);
      pending.clear();
      endEarly();
      connection = undefined;
      uniqueName = undefined;
    },
  };
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
