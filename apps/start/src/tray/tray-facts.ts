import type { Status } from '../session/status.ts';
import type { ThreadTarget } from './menu-command.ts';

/** A notification as the tray's menu recalls it; in memory only. */
export interface RecentNotification {
  readonly title: string;
  readonly body: string;
  readonly atUnixMs: number;
  readonly target: ThreadTarget | undefined;
}

/** Everything the tray tells; icon, tooltip and menu are made of it. */
export interface TrayFacts {
  readonly status: Status;
  /** Newest first, at most 20. */
  readonly recent: readonly RecentNotification[];
  readonly mainApp: {
    readonly isOpen: boolean;
    /** Something can be launched, or a web address opened. */
    readonly canOpen: boolean;
  };
}
