import type { Status } from '../session/status.ts';
import type { LoginDialog } from './login-dialog.ts';
import type { Notifications } from './notifications.ts';

/** What Telex Start needs of a desktop; one implementation for each platform. */
export interface Desktop {
  readonly notifications: Notifications;
  /** Shows the state: lines in a terminal, later the tray icon with its tooltip. */
  showStatus(status: Status): void;
  /** One line for the person in front of it: a fault, the outcome of something asked for. */
  say(sentence: string): void;
  /** Undefined where nobody can be asked here. */
  readonly login: LoginDialog | undefined;
  /** Idempotent. */
  close(): void;
}
