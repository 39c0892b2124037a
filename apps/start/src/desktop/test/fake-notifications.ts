import type { Notification, NotificationEvent, Notifications } from '../notifications.ts';

/** A desktop for tests: remembers what is open, and does what the test says. */
export interface FakeNotifications extends Notifications {
  /** Everything asked for, in order. */
  readonly shown: readonly (Notification & { readonly bubble: string })[];
  readonly open: ReadonlyMap<string, Notification>;
  /** From now on it refuses everything, or takes it again. */
  refuse(on: boolean): void;
  emit(event: NotificationEvent): void;
  /** Empties `shown`. */
  forget(): void;
}

export function createFakeNotifications(): FakeNotifications {
  const shown: (Notification & { readonly bubble: string })[] = [];
  const open = new Map<string, Notification>();
  const listeners: ((event: NotificationEvent) => void)[] = [];
  let isRefusing = false;
  return {
    shown,
    open,
    refuse(on) {
      isRefusing = on;
    },
    emit(event) {
      if (event.kind === 'closed') open.delete(event.bubble);
      for (const listener of listeners) listener(event);
    },
    forget() {
      shown.length = 0;
    },
    async show(bubble, notification) {
      if (isRefusing) throw new Error('no daemon');
      shown.push({ bubble, ...notification });
      open.set(bubble, notification);
    },
    close: (bubble) => void open.delete(bubble),
    listen: (listener) => void listeners.push(listener),
    capabilities: new Set(['actions', 'sound']),
  };
}
