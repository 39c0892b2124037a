import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RealDesktop, ScreenWindow } from '@telex/testkit';
import { chromium } from 'playwright-core';
import { eventually } from './eventually.ts';

/** The login dialog as a person has it: a window of a real Chromium, filled in by keyboard and pointer. */
export interface DialogOnScreen {
  /** Waits until it is there and at its place. */
  shown(): Promise<ScreenWindow>;
  gone(): Promise<void>;
  /** Types into the two fields and presses Return; an e-mail address that is filled in is left. */
  fillIn(email: string | undefined, password: string): Promise<void>;
  /** Waits until the page says this, anywhere that can be seen. */
  says(words: RegExp): Promise<void>;
}

export function watchDialog({ screen, env }: RealDesktop): DialogOnScreen {
  const isDialog = ({ kind }: ScreenWindow) => kind.endsWith(' telex-start');
  const shown = () =>
    screen.until('the login dialog at the bottom right', (windows) =>
      windows.find(
        (window) =>
          isDialog(window) &&
          window.x + window.width > 1_220 &&
          window.y + window.height > 700 &&
          window.y + window.height <= 800,
      ),
    );
  return {
    shown,
    gone: async () =>
      void (await screen.until('no login dialog', (windows) =>
        windows.some(isDialog) ? undefined : true,
      )),
    async fillIn(email, password) {
      const { x, y } = await shown();
      // Without a window manager the keys go where the pointer is.
      await screen.move(x + 180, y + 30);
      if (email !== undefined) {
        await screen.type(email);
        await screen.press('Tab');
      }
      await screen.type(password);
      await screen.press('Return');
    },
    says: (words) =>
      eventually(`a dialog that says ${words}`, async () => {
        const text = await pageText(join(env.XDG_RUNTIME_DIR ?? '', 'telex'));
        if (!words.test(text)) throw new Error(text);
      }),
  };
}

/** What the page shows, asked of the browser at the port that the wrapper lets it open. */
async function pageText(runtimeFolder: string): Promise<string> {
  const [name] = readdirSync(runtimeFolder).filter((each) => each.startsWith('login-'));
  if (name === undefined) throw new Error('there is no dialog');
  const portFile = join(runtimeFolder, name, 'profile', 'DevToolsActivePort');
  const [port] = readFileSync(portFile, 'utf8').split('\n');
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  try {
    const page = browser.contexts()[0]?.pages()[0];
    if (page === undefined) throw new Error('it has no page');
    return await page.locator('body').innerText();
  } finally {
    // Ends the conversation, not the browser.
    await browser.close();
  }
}
