import type { LoginDialog } from '../desktop/login-dialog.ts';
import type { BrowserLoginOptions } from './login-options.ts';

/**
 * The login dialog of a desktop: one page on loopback, as an app window of Chromium or a relative, else in the default
 * browser. All of it is loaded when it opens for the first time.
 */
export function createBrowserLogin(options: BrowserLoginOptions): LoginDialog {
  return {
    async ask(request, trySignIn, signal) {
      const { askInBrowser } = await import('./ask-in-browser.ts');
      return askInBrowser(options, { request, trySignIn, signal });
    },
    // The tray's Login item and the commands bring it back.
    wanted(signal) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      if (signal.aborted) resolve(false);
      signal.addEventListener('abort', () => resolve(false), { once: true });
      return promise;
    },
  };
}
