import type { MenuCommand } from '../tray/menu-command.ts';
import type { TrayFacts } from '../tray/tray-facts.ts';
import type { LoginDialog } from './login-dialog.ts';
import type { Notifications } from './notifications.ts';

/** What comes from a desktop besides notifications. */
export type DesktopEvent =
  | { readonly kind: 'chosen'; readonly command: MenuCommand }
  /** The desktop itself asks for quiet, or no longer. */
  | { readonly kind: 'quiet' | 'quiet-over'; readonly reason: 'do-not-disturb' | 'locked' }
  /** The machine woke up or the network changed: a hint to look at the connection at once. */
  | { readonly kind: 'reconnect' }
  /** The menu is about to be shown: the last moment to look at what nothing tells of. */
  | { readonly kind: 'menu-opening' }
  /** The desktop session is over; nobody can see us any more. */
  | { readonly kind: 'over' };

/** What Telex Start needs of a desktop; one implementation for each platform. */
export interface Desktop {
  readonly notifications: Notifications;
  /** Shows what is true: the tray's icon, tooltip and menu, or lines in a terminal. Cheap; may be called often. */
  show(facts: TrayFacts): void;
  /** One line for the person in front of it; an `outcome` of something they asked for is shown where they are looking. */
  say(sentence: string, kind?: 'outcome'): void;
  listen(listener: (event: DesktopEvent) => void): void;
  /** Undefined where nobody can be asked here. */
  readonly login: LoginDialog | undefined;
  /** Idempotent. */
  close(): void;
}
