import type { PageElement, PageWindow } from './dom.ts';

/**
 * Puts an app window at the bottom right of its screen and keeps it as high as what it shows. Sent to the browser as text: it
 * uses nothing but its parameters. On Wayland a window can't place itself; the calls then do nothing.
 */
export function placeWindow(window: PageWindow, content: PageElement): { fit(): void } {
  const { screen } = window;
  const MARGIN = 16;
  // A window manager's title bar is not counted in `outerHeight` everywhere.
  const MARGIN_BELOW = 40;
  const WIDTH = 360;
  const LOWEST = 420;
  const SETTLE_MS = 250;
  /** What happens together is fitted together: sizes follow a call only later. */
  const GATHER_MS = 40;
  let isPlaced = false;
  let isDue = false;
  let frame = 0;

  const wantedHeight = () => {
    const most = screen.availHeight - MARGIN_BELOW - MARGIN;
    return Math.min(most, Math.max(LOWEST, content.offsetHeight + frame));
  };

  const place = (triesLeft: number): void => {
    // Under a window manager the window may have no size yet; what is asked of it then goes wrong.
    if (window.outerWidth === 0 || window.innerHeight === 0) {
      if (triesLeft > 0) window.setTimeout(() => place(triesLeft - 1), 50);
      return;
    }
    frame = window.outerHeight - window.innerHeight;
    const height = wantedHeight();
    const x = screen.availLeft + Math.max(0, screen.availWidth - WIDTH - MARGIN);
    const y = screen.availTop + Math.max(0, screen.availHeight - height - MARGIN_BELOW);
    if (window.outerHeight !== height || window.outerWidth !== WIDTH) {
      window.resizeTo(WIDTH, height);
    }
    window.moveTo(x, y);
    // Some window managers place a new window once more, after us.
    window.setTimeout(() => {
      isPlaced = true;
      if (Math.abs(window.screenX - x) > MARGIN) window.moveTo(x, y);
    }, SETTLE_MS);
  };

  const grow = (): void => {
    isDue = false;
    const height = wantedHeight();
    const growth = height - window.outerHeight;
    if (growth === 0) return;
    // It grows upwards from where it is: the user may have moved it.
    const top = Math.max(screen.availTop, window.screenY - growth);
    window.resizeTo(window.outerWidth, height);
    window.moveTo(window.screenX, top);
  };

  place(100);
  return {
    fit() {
      if (!isPlaced || isDue) return;
      isDue = true;
      window.setTimeout(grow, GATHER_MS);
    },
  };
}
