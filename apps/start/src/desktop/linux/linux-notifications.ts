// Native notifications over the session bus: org.freedesktop.Notifications, Desktop Notifications Specification 1.2.
//
//   show ─► queue of its bubble ─► Notify ─► id ─► open ─► NotificationClosed ─► closed
//                                    │                └──► ActionInvoked ─► activated
//                                    └─► refused, or no answer in time ─► rejected; `available` when it may work again
//
// A bubble has at most one call under way, so that each replaces the one before it.
import type {
  Capability,
  Notification,
  NotificationEvent,
  Notifications,
} from '../notifications.ts';
import { type Bubble, createBubbleTable } from './bubble-table.ts';
import type { Bus } from './bus.ts';
import { BusError, busErrors } from './bus-error.ts';
import { type NotificationServerWatch, notificationsTarget } from './notification-server.ts';
import { readNotificationSignal } from './notification-signals.ts';
import { type NotificationIcon, notifyArguments } from './notify-arguments.ts';
import { createNotifyCalls } from './notify-calls.ts';

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
const MOST_WAITING = 1_024;
const MOST_OPEN = 128;

type Work = { readonly done: PromiseWithResolvers<void> } & (
  | { readonly kind: 'show'; readonly notification: Notification }
  | { readonly kind: 'close' }
);

export function createLinuxNotifications(
  bus: Pick<Bus, 'call' | 'onSignal'>,
  server: NotificationServerWatch,
  options: LinuxNotificationsOptions = {},
): LinuxNotifications {
  const { answerLimitMs = ANSWER_LIMIT_MS, after = afterTimeout } = options;
  const listeners: ((event: NotificationEvent) => void)[] = [];
  const bubbles = createBubbleTable<Work>(MOST_OPEN);
  let icon: NotificationIcon | undefined;
  /** Asked for, and not yet taken or refused. */
  let waiting = 0;
  let hadTooMany = false;
  let isStopped = false;

  const emit = (event: NotificationEvent): void => {
    if (isStopped) return;
    for (const listener of listeners) listener(event);
  };
  const available = (): void => {
    hadTooMany = false;
    emit({ kind: 'available' });
  };
  const calls = createNotifyCalls({ bus, server, answerLimitMs, after, onAvailable: available });

  const enqueue = (key: string, work: Work): Promise<void> => {
    const bubble = bubbles.findOrAdd(key);
    bubble.queue.push(work);
    if (!bubble.isBusy) void carryOut(bubble);
    return work.done.promise;
  };

  const carryOut = async (bubble: Bubble<Work>): Promise<void> => {
    bubble.isBusy = true;
    for (let work = bubble.queue.shift(); work !== undefined; work = bubble.queue.shift()) {
      if (work.kind === 'show') await show(bubble, work.notification, work.done);
      else {
        takeAway(bubble);
        work.done.resolve();
      }
    }
    bubble.isBusy = false;
    bubbles.forget(bubble);
  };

  const show = async (
    bubble: Bubble<Work>,
    notification: Notification,
    done: PromiseWithResolvers<void>,
  ): Promise<void> => {
    icon ??= options.icon?.();
    const request = { notification, replacesId: bubble.id ?? 0, server: server.current, icon };
    bubble.isChoosable = true;
    try {
      taken(bubble, await calls.notify(notifyArguments(request)));
      done.resolve();
    } catch (error) {
      // What it shows is not what it should show any more.
      takeAway(bubble);
      done.reject(error);
    }
    waiting -= 1;
    if (hadTooMany && waiting === 0 && calls.isAnswering) available();
  };

  const taken = (bubble: Bubble<Work>, id: number | undefined): void => {
    if (id === undefined) {
      if (bubble.queue.length === 0) emit({ kind: 'closed', bubble: bubble.key });
      return;
    }
    const displaced = bubbles.setOpen(bubble, id);
    if (displaced === undefined) return;
    if (displaced.id !== undefined) calls.close(displaced.id);
    gone(displaced.bubble);
  };

  /** Closes what is open of it, without a word about it. */
  const takeAway = (bubble: Bubble<Work>): void => {
    if (bubble.id !== undefined) calls.close(bubble.id);
    bubbles.setClosed(bubble);
  };

  const gone = (bubble: Bubble<Work>): void => {
    bubbles.setClosed(bubble);
    // It is about to be open again.
    if (bubble.isBusy) return;
    bubbles.forget(bubble);
    emit({ kind: 'closed', bubble: bubble.key });
  };

  server.listen((event) => {
    if (event === 'changed') for (const bubble of bubbles.open()) gone(bubble);
  });

  const { destination: sender, path, interface: from } = notificationsTarget;
  const stopListening = bus.onSignal({ sender, path, interface: from }, (signal) => {
    const told = readNotificationSignal(signal);
    const bubble = told === undefined ? undefined : bubbles.withId(told.id);
    if (told === undefined || bubble === undefined) return;
    if (told.kind === 'closed') gone(bubble);
    else if (bubble.isChoosable) {
      bubble.isChoosable = false;
      // dunst leaves it open where the action was chosen in its menu.
      calls.close(told.id);
      emit({ kind: 'activated', bubble: bubble.key, action: told.action });
    }
  });

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
      if (bubbles.find(key) === undefined) return;
      return enqueue(key, { kind: 'close', done: Promise.withResolvers() });
    },
    listen: (listener) => void listeners.push(listener),
    get capabilities() {
      const { capabilities } = server.current;
      return new Set(known.filter((capability) => capabilities?.has(capability)));
    },
    stop() {
      isStopped = true;
      calls.stop();
      stopListening();
    },
  };
}

const known: readonly Capability[] = ['actions', 'sound'];

function afterTimeout(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
}
