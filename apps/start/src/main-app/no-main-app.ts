import type { MainApp } from './main-app.ts';

/** Where there is no main app to open. */
export function createNoMainApp(): MainApp {
  const none = { ok: false, sentence: 'There is no main app to open on this machine.' };
  return {
    isOpen: false,
    canOpen: false,
    open: async () => none,
    end: async () => none,
    listen: () => {},
    useServer: () => {},
    close: () => {},
  };
}
