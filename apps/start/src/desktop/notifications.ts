import type { Content } from '../notify/decision.ts';
import type { Words } from '../notify/wording.ts';

/** What the user can do from a notification. `open` is also what a click on it does. */
export type NotificationAction = 'open' | 'mark-read' | 'mute';

/** What to show. The words are plain text; an adapter whose desktop renders markup escapes them. */
export interface Notification extends Words {
  readonly content: Content;
  readonly sound: boolean;
  /** In the order to offer them; an adapter that can't, leaves them out. */
  readonly actions: readonly { readonly key: NotificationAction; readonly label: string }[];
  readonly urgency: 'low' | 'normal' | 'critical';
}

/** What an adapter can do beyond showing and closing. */
export type Capability = 'actions' | 'sound';

export type NotificationEvent =
  /** It is gone: expired, dismissed, or the desktop was restarted. */
  | { readonly kind: 'closed'; readonly bubble: string }
  /** The user chose an action of it. */
  | { readonly kind: 'activated'; readonly bubble: string; readonly action: NotificationAction }
  /** The desktop takes notifications again, after it had refused some. */
  | { readonly kind: 'available' };

/** Native notifications, as one platform does them. A bubble is named by its key. */
export interface Notifications {
  /**
   * Shows a notification; one that is open under the same key is replaced. Done when the desktop has taken it; rejects where
   * it does not.
   */
  show(bubble: string, notification: Notification): void | Promise<void>;
  /** Closes it where it is open. Never rejects. */
  close(bubble: string): void | Promise<void>;
  listen(listener: (event: NotificationEvent) => void): void;
  readonly capabilities: ReadonlySet<Capability>;
}
