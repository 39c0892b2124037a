import { pathToFileURL } from 'node:url';

export interface WindowPlace {
  /** The opening file; no argument holds a secret. */
  readonly file: string;
  /** A profile of its own: else a running browser takes the page over and our process ends at once. */
  readonly profile: string;
  /** Windows can't place themselves on Wayland: XWayland is used where there is one. */
  readonly display: { readonly x11: boolean; readonly wayland: boolean };
}

/** Arguments of Chromium and its relatives for one small window that leaves nothing behind. */
export function browserArguments({ file, profile, display }: WindowPlace): string[] {
  return [
    `--app=${pathToFileURL(file).href}`,
    '--window-size=360,420',
    `--user-data-dir=${profile}`,
    '--class=telex-start',
    '--no-first-run',
    '--no-default-browser-check',
    // Nothing but our page: no updates, no sync, no keyring to unlock, no offer to save a password in a profile that goes.
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-default-apps',
    '--disable-sync',
    '--disable-save-password-bubble',
    '--password-store=basic',
    // A crash report holds the memory, and so what was typed.
    '--disable-breakpad',
    '--disable-crash-reporter',
    '--disable-session-crashed-bubble',
    ...(display.x11 && display.wayland ? ['--ozone-platform=x11'] : []),
  ];
}
