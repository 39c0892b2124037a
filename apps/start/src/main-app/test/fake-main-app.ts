import type { ThreadTarget } from '../../tray/menu-command.ts';
import type { MainApp } from '../main-app.ts';

/** A main app for tests: opens at once, and is closed by hand when the test says so. */
export interface FakeMainApp extends MainApp {
  /** Where it was opened, in order. */
  readonly opened: readonly (ThreadTarget | undefined)[];
  readonly server: string | undefined;
  closeByHand(): void;
}

export function createFakeMainApp(): FakeMainApp {
  const opened: (ThreadTarget | undefined)[] = [];
  const listeners: (() => void)[] = [];
  let isOpen = false;
  let server: string | undefined;
  const become = (open: boolean) => {
    isOpen = open;
    for (const listener of listeners) listener();
  };
  return {
    opened,
    get server() {
      return server;
    },
    get isOpen() {
      return isOpen;
    },
    canOpen: true,
    async open(target) {
      opened.push(target);
      become(true);
      return { ok: true, sentence: '' };
    },
    async end() {
      become(false);
      return { ok: true, sentence: '' };
    },
    look: () => {},
    listen: (listener) => void listeners.push(listener),
    useServer(origin) {
      server = origin;
    },
    closeByHand: () => become(false),
    close: () => {},
  };
}
