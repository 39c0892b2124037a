import type { TrayFacts } from '../../tray/tray-facts.ts';
import type { Desktop, DesktopEvent } from '../desktop.ts';
import { createFakeLoginDialog, type FakeLoginDialog } from './fake-login-dialog.ts';
import { createFakeNotifications, type FakeNotifications } from './fake-notifications.ts';

/** A desktop for tests: remembers what it was given, and does what the test says. */
export interface FakeDesktop extends Desktop {
  readonly notifications: FakeNotifications;
  readonly login: FakeLoginDialog;
  /** What the tray shows now; undefined: nothing yet. */
  readonly facts: TrayFacts | undefined;
  readonly said: readonly string[];
  emit(event: DesktopEvent): void;
}

export function createFakeDesktop(): FakeDesktop {
  const said: string[] = [];
  const listeners: ((event: DesktopEvent) => void)[] = [];
  let facts: TrayFacts | undefined;
  return {
    notifications: createFakeNotifications(),
    login: createFakeLoginDialog(),
    get facts() {
      return facts;
    },
    said,
    show(now) {
      facts = now;
    },
    say: (sentence) => void said.push(sentence),
    listen: (listener) => void listeners.push(listener),
    emit(event) {
      for (const listener of listeners) listener(event);
    },
    close: () => {},
  };
}
