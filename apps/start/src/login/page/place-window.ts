import type { PageElement, PageWindow } from './dom.ts';

/**
 * Keeps an app window at the bottom right of its screen and as high as what it shows. Sent to the browser as text: it uses
 * nothing but its parameters. On Wayland a window can't place itself; the calls then do nothing.
 */
export function placeWindow(window: PageWindow, content: PageElement): { fit(): void } {
  const { screen } = window;
  const MARGIN = 16;
  // A window manager's title bar is not counted in `outerHeight` everywhere.
  const MARGIN_BELOW = 40;
  const LOWEST = 420;
  const right = () =>
    screen.availLeft + Math.max(0, screen.availWidth - window.outerWidth - MARGIN);
  const below = () =>
    screen.availTop + Math.max(0, screen.availHeight - window.outerHeight - MARGIN_BELOW);

  window.moveTo(right(), below());
  return {
    fit() {
      const frame = window.outerHeight - window.innerHeight;
      const most = screen.availHeight - MARGIN_BELOW - MARGIN;
      const height = Math.min(most, Math.max(LOWEST, content.offsetHeight + frame));
      const growth = height - window.outerHeight;
      if (growth === 0) return;
      // It grows upwards from where it is: the user may have moved it.
      const top = Math.max(screen.availTop, window.screenY - growth);
      window.resizeTo(window.outerWidth, height);
      window.moveTo(window.screenX, top);
    },
  };
}
