import type { RecentNotification } from '../tray/tray-facts.ts';

const MOST = 20;

/** The last notifications, newest first. In memory only, and gone when the user signs out. */
export interface RecentNotifications {
  add(notification: RecentNotification): void;
  clear(): void;
  readonly list: readonly RecentNotification[];
}

export function createRecentNotifications(): RecentNotifications {
  let list: readonly RecentNotification[] = [];
  return {
    add(notification) {
      list = [notification, ...list.slice(0, MOST - 1)];
    },
    clear() {
      list = [];
    },
    get list() {
      return list;
    },
  };
}
