// Native notifications over the session bus: org.freedesktop.Notifications, Desktop Notifications Specification 1.2.
//
//   show ─► queue of its bubble ─► Notify ─► id ─► open ─► NotificationClosed ─► closed
//                                    │                └──► ActionInvoked ─► activated
//                                    └─► error, or no answer in time ─► rejected; `available` when it may work again
//
// A bubble has at most one call under way, so that each replaces the one before it.
import * as v from 'valibot';
import type {
  Capability,
  Notification,
  NotificationEvent,
  Notifications,
} from '../notifications.ts';
import type { Bus } from './bus.ts';
import { BusError, busErrors } from './bus-error.ts';
import type { BusSignal } from './bus-signals.ts';
import {
  NOTIFICATIONS,
  type NotificationServerWatch,
  notificationsTarget,
} from './notification-server.ts';
import {
  actionOf,
  NOTIFY_SIGNATURE,
  type NotificationIcon,
  notifyArguments,
} from './notify-arguments.ts';

export interface LinuxNotificationsOptions {
  /** Asked for with the first notification. */
  readonly icon?: () => NotificationIcon;
  /** How long a daemon may take to answer. Default 5,000. */
  readonly answerLimitMs?: number;
  /** Default: a timer that does not hold the process open. */
  readonly after?: (delayMs: number, run: () => void) => () => void;
}

export interface LinuxNotifications extends Notifications {
  /** No events any more; bubbles stay where they are. Idempotent. */
  stop(): void;
}

const ANSWER_LIMIT_MS = 5_000;
/** For an answer that is too late for us, but tells that the daemon goes on. */
const PATIENCE_MS = 24 * 3_600_000;
const MOST_WAITING = 1_024;
const MOST_OPEN = 128;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 300_000;

type Work =
  | {
      readonly kind: 'show';
      readonly notification: Notification;
      readonly done: PromiseWithResolvers<void>;
    }
  | { readonly kind: 'close'; readonly done: PromiseWithResolvers<void> };

interface Bubble {
  readonly key: string;
  /** By the daemon; undefined: it is not open, or not yet. */
  id: number | undefined;
  /** The user may choose one action of what is shown, once. */
  isChoosable: boolean;
  isBusy: boolean;
  readonly queue: Work[];
}

export function createLinuxNotifications(
  bus: Pick<Bus, 'call' | 'onSignal'>,
  server: NotificationServerWatch,
  options: LinuxNotificationsOptions = {},
): LinuxNotifications {
  const { answerLimitMs = ANSWER_LIMIT_MS, after = afterTimeout } = options;
  const listeners: ((event: NotificationEvent) => void)[] = [];
  const bubbles = new Map<string, Bubble>();
  /** Open ones, the oldest first. */
  const byId = new Map<number, Bubble>();
  let icon: NotificationIcon | undefined;
  let waiting = 0;
  /** Calls to the present daemon that it has not answered in time. */
  let overdue = 0;
  let hadTooMany = false;
  let pauseMs = FIRST_PAUSE_MS;
  let cancelRetry = () => {};
  let isStopped = false;

  const emit = (event: NotificationEvent): void => {
    if (isStopped) return;
    for (const listener of listeners) listener(event);
  };

  const enqueue = (key: string, work: Work): Promise<void> => {
    const bubble = bubbles.get(key) ?? {
      ...{ key, id: undefined, isChoosable: false, isBusy: false, queue: [] },
    };
    bubbles.set(key, bubble);
    bubble.queue.push(work);
    if (!bubble.isBusy) void carryOut(bubble);
    return work.done.promise;
  };

  const carryOut = async (bubble: Bubble): Promise<void> => {
    bubble.isBusy = true;
    for (let work = bubble.queue.shift(); work !== undefined; work = bubble.queue.shift()) {
      if (work.kind === 'close') {
        take(bubble);
        work.done.resolve();
        continue;
      }
      try {
        await request(bubble, work.notification);
        work.done.resolve();
      } catch (error) {
        // What it shows is not what it should show any more.
        take(bubble);
        refused(error);
        work.done.reject(error);
      }
      ended();
    }
    bubble.isBusy = false;
    if (bubble.id === undefined) bubbles.delete(bubble.key);
  };

  /** Closes what is open of it, without a word about it. */
  const take = (bubble: Bubble): void => {
    if (bubble.id === undefined) return;
    dismiss(bubble.id);
    byId.delete(bubble.id);
    bubble.id = undefined;
  };

  const dismiss = (id: number): void => {
    const call = { member: 'CloseNotification', signature: 'u', body: [id] };
    // It may have closed by itself meanwhile.
    bus.call({ ...notificationsTarget, ...call }).catch(() => {});
  };

  const request = async (bubble: Bubble, notification: Notification): Promise<void> => {
    if (isStopped) throw new BusError(busErrors.disconnected, 'notifications were stopped');
    if (overdue > 0) throw new BusError(busErrors.noReply, 'the daemon does not answer');
    const { owner } = server.current;
    icon ??= options.icon?.();
    const body = notifyArguments({
      ...{ notification, replacesId: bubble.id ?? 0, server: server.current, icon },
    });
    bubble.isChoosable = true;
    const id = await answerInTime(
      owner,
      bus.call({
        ...{ ...notificationsTarget, member: 'Notify', signature: NOTIFY_SIGNATURE, body },
        timeoutMs: PATIENCE_MS,
      }),
    );
    pauseMs = FIRST_PAUSE_MS;
    if (isFrom(owner)) opened(bubble, id);
    else if (bubble.queue.length === 0) emit({ kind: 'closed', bubble: bubble.key });
  };

  /** An answer of a daemon that was replaced meanwhile is none; one that was started by the call itself is. */
  const isFrom = (owner: string | undefined): boolean =>
    owner === undefined || owner === server.current.owner;

  const answerInTime = async (
    owner: string | undefined,
    call: Promise<readonly unknown[]>,
  ): Promise<number> => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    let isLate = false;
    const cancel = after(answerLimitMs, () => {
      isLate = true;
      if (isFrom(owner)) overdue += 1;
      reject(new BusError(busErrors.noReply, `no answer within ${answerLimitMs} ms`));
    });
    const answered = (settle: () => void, id: number | undefined): void => {
      cancel();
      if (!isLate) settle();
      else if (isFrom(owner)) late(id);
    };
    call.then(readId).then(
      (id) => answered(() => resolve(id), id),
      (error: unknown) => answered(() => reject(error), undefined),
    );
    return promise;
  };

  /** It was counted when it was refused, so it must not stand there too. */
  const late = (id: number | undefined): void => {
    if (id !== undefined) dismiss(id);
    if (overdue > 0) overdue -= 1;
    if (overdue === 0) available();
  };

  const opened = (bubble: Bubble, id: number): void => {
    const other = byId.get(id);
    if (other !== undefined && other !== bubble) gone(other);
    if (bubble.id !== undefined) byId.delete(bubble.id);
    bubble.id = id;
    byId.set(id, bubble);
    const [oldest] = byId.values();
    if (byId.size <= MOST_OPEN || oldest?.id === undefined) return;
    dismiss(oldest.id);
    gone(oldest);
  };

  const gone = (bubble: Bubble): void => {
    if (bubble.id !== undefined) byId.delete(bubble.id);
    bubble.id = undefined;
    // It is about to be open again.
    if (bubble.isBusy) return;
    bubbles.delete(bubble.key);
    emit({ kind: 'closed', bubble: bubble.key });
  };

  const refused = (error: unknown): void => {
    const errorName = error instanceof BusError ? error.errorName : '';
    // A daemon, or the bus, will be noticed when it comes; a late answer too.
    if (overdue > 0 || isStopped || awaited.has(errorName)) return;
    retryLater();
  };

  const retryLater = (): void => {
    cancelRetry();
    cancelRetry = after(pauseMs, retry);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  };

  const retry = (): void => {
    if (server.current.owner !== undefined) {
      available();
      return;
    }
    // One that can be started will be noticed when it comes.
    const call = { member: 'StartServiceByName', signature: 'su', body: [NOTIFICATIONS, 0] };
    bus.call({ ...toBus, ...call }).catch((error: unknown) => refused(error));
  };

  const ended = (): void => {
    waiting -= 1;
    if (!hadTooMany || waiting > 0 || overdue > 0) return;
    available();
  };

  const available = (): void => {
    hadTooMany = false;
    cancelRetry();
    emit({ kind: 'available' });
  };

  server.listen((event) => {
    if (isStopped) return;
    if (event === 'ready') {
      available();
      return;
    }
    overdue = 0;
    for (const bubble of [...byId.values()]) gone(bubble);
  });

  const stopListening = bus.onSignal(
    { sender: notificationsTarget.destination, ...onObject },
    (signal) => {
      const told = readSignal(signal);
      const bubble = told === undefined ? undefined : byId.get(told.id);
      if (told === undefined || bubble === undefined) return;
      if (told.action === undefined) {
        gone(bubble);
      } else if (bubble.isChoosable) {
        bubble.isChoosable = false;
        // dunst leaves it open where the action was chosen in its menu.
        dismiss(told.id);
        emit({ kind: 'activated', bubble: bubble.key, action: told.action });
      }
    },
  );

  return {
    show(key, notification) {
      if (waiting >= MOST_WAITING) {
        hadTooMany = true;
        return Promise.reject(new BusError(busErrors.failed, 'too many notifications wait'));
      }
      waiting += 1;
      return enqueue(key, { kind: 'show', notification, done: Promise.withResolvers() });
    },
    close(key) {
      if (!bubbles.has(key)) return;
      return enqueue(key, { kind: 'close', done: Promise.withResolvers() });
    },
    listen: (listener) => void listeners.push(listener),
    get capabilities() {
      const { capabilities } = server.current;
      return new Set(known.filter((capability) => capabilities?.has(capability)));
    },
    stop() {
      isStopped = true;
      cancelRetry();
      stopListening();
    },
  };
}

const known: readonly Capability[] = ['actions', 'sound'];
const awaited: ReadonlySet<string> = new Set([busErrors.serviceUnknown, busErrors.disconnected]);
const BUS = 'org.freedesktop.DBus';
const toBus = { destination: BUS, path: '/org/freedesktop/DBus', interface: BUS } as const;
const onObject = { path: notificationsTarget.path, interface: notificationsTarget.interface };

function afterTimeout(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
}

const idReply = v.tuple([v.pipe(v.number(), v.integer(), v.minValue(1))]);

/** Throws where a daemon answers something else. */
function readId(reply: readonly unknown[]): number {
  const parsed = v.safeParse(idReply, reply);
  if (!parsed.success) throw new BusError(busErrors.failed, 'the daemon answered without an id');
  return parsed.output[0];
}

const closedSignal = v.tuple([v.number(), v.number()]);
const actionSignal = v.tuple([v.number(), v.pipe(v.string(), v.transform(actionOf))]);

/** Without `action`: it was closed. Undefined: none of ours, such as `ActivationToken`. */
function readSignal({ member, body }: BusSignal) {
  if (member === 'NotificationClosed') {
    const parsed = v.safeParse(closedSignal, body);
    return parsed.success ? { id: parsed.output[0], action: undefined } : undefined;
  }
  if (member !== 'ActionInvoked') return undefined;
  const parsed = v.safeParse(actionSignal, body);
  const action = parsed.success ? parsed.output[1] : undefined;
  return parsed.success && action !== undefined ? { id: parsed.output[0], action } : undefined;
}
