import { createFakeClock } from '@telex/testkit';
import { expect, test } from 'vitest';
import type { PageElement, PageWindow } from './dom.ts';
import { placeWindow } from './place-window.ts';

/** A window on a screen of 1280 × 800 whose left 70 pixels are a panel. */
function fakeWindow({ isMapped = true, contentHeight = 350 } = {}) {
  const clock = createFakeClock();
  const content = { offsetHeight: contentHeight };
  const window = {
    screen: { availLeft: 70, availTop: 0, availWidth: 1210, availHeight: 800 },
    screenX: 300,
    screenY: 100,
    outerWidth: isMapped ? 360 : 0,
    outerHeight: isMapped ? 420 : 0,
    innerHeight: isMapped ? 400 : 0,
    setTimeout: (run: () => void, delayMs: number) => clock.after(delayMs, run),
    moveTo(x: number, y: number) {
      window.screenX = x;
      window.screenY = y;
    },
    resizeTo(width: number, height: number) {
      const frame = window.outerHeight - window.innerHeight;
      Object.assign(window, {
        outerWidth: width,
        outerHeight: height,
        innerHeight: height - frame,
      });
    },
  };
  const place = () =>
    placeWindow(window as unknown as PageWindow, content as unknown as PageElement);
  const at = () => [window.screenX, window.screenY, window.outerWidth, window.outerHeight];
  return { window, content, clock, place, at };
}

test('[L11] it goes to the bottom right of what the panels leave', () => {
  const { place, at } = fakeWindow();
  place();
  expect(at()).toEqual([1280 - 360 - 16, 800 - 420 - 40, 360, 420]);
});

test('[L11] a window that is not there yet is placed when it is', async () => {
  const { place, at, window, clock } = fakeWindow({ isMapped: false });
  place();
  await clock.advance(200);
  expect(at()).toEqual([300, 100, 0, 0]);
  Object.assign(window, { outerWidth: 360, outerHeight: 420, innerHeight: 400 });
  await clock.advance(50);
  expect(at()).toEqual([904, 340, 360, 420]);
});

test('[L11] a window manager that places it once more is put right, once', async () => {
  const { place, at, window, clock } = fakeWindow();
  place();
  window.screenX = 0;
  await clock.advance(250);
  expect(at()).toEqual([904, 340, 360, 420]);
  window.screenX = 500;
  await clock.advance(60_000);
  expect(window.screenX).toBe(500);
});

test('it grows upwards with what it shows, from where the user has moved it, and shrinks again', async () => {
  const { place, at, window, content, clock } = fakeWindow();
  const placed = place();
  await clock.advance(250);
  window.moveTo(500, 300);
  content.offsetHeight = 480;
  placed.fit();
  await clock.advance(40);
  expect(at()).toEqual([500, 220, 360, 500]);
  content.offsetHeight = 100;
  placed.fit();
  await clock.advance(40);
  expect(at()).toEqual([500, 300, 360, 420]);
});

test('it never grows out of the screen', async () => {
  const { place, at, content, clock } = fakeWindow();
  const placed = place();
  await clock.advance(250);
  content.offsetHeight = 5_000;
  placed.fit();
  await clock.advance(40);
  expect(at()).toEqual([904, 16, 360, 744]);
});

test('changes that come together are fitted together, although sizes follow only later', async () => {
  const { place, at, window, content, clock } = fakeWindow();
  const placed = place();
  await clock.advance(250);
  const resize = window.resizeTo;
  window.resizeTo = (width, height) => {
    // As browsers do: the outer size at once, the inner one with the next frame.
    window.outerHeight = height;
    clock.after(16, () => resize(width, height));
  };
  content.offsetHeight = 450;
  placed.fit();
  content.offsetHeight = 550;
  placed.fit();
  await clock.advance(1_000);
  expect(at()).toEqual([904, 190, 360, 570]);
});
