// The one source of Telex's icons: a speech bubble on a grid of 24 by 24. Pixels (icon-raster.ts), SVG (icon-svg.ts) and PNG
// (icon-png.ts) are made of it. States differ by shape; colour only underlines it. A light inside with a dark edge, or a
// strong colour, shows on dark and on light panels alike.

import type { TrayState } from './tray-state.ts';

export const GRID = 24;

/** A corner, or the end of a cubic curve with its two control points before it. */
export type PathStep =
  | readonly [x: number, y: number]
  | readonly [x1: number, y1: number, x2: number, y2: number, x: number, y: number];

/** A closed outline, filled. `fill` is 0xRRGGBB. Later shapes lie on earlier ones. */
export interface Shape {
  readonly fill: number;
  readonly path: readonly PathStep[];
}

const BLUE = 0x2f6fe4;
const WHITE = 0xffffff;
const SLATE = 0x4a5361;
const RED = 0xe0332d;
const AMBER = 0xb86e00;

/** How far control points lie from the ends of a quarter circle, in radii. */
const ROUND = 0.5523;

export function iconShapes(state: TrayState): readonly Shape[] {
  switch (state) {
    case 'ok':
      return [bubble(BLUE), ...letter];
    case 'unread':
      return [bubble(BLUE), ...letter, disc(WHITE, 17.9, 6.1, 6.1), disc(RED, 17.9, 6.1, 4.7)];
    case 'paused':
      return [bubble(AMBER), bar(8, 6, 3, 9), bar(13, 6, 3, 9)];
    case 'connecting':
      return [...hollow, ...[7.4, 12, 16.6].map((x) => disc(SLATE, x, 10.5, 1.5))];
    case 'offline':
      return [
        ...hollow,
        stroke(WHITE, 20.6, 2.4, 4.4, 21.6, 5),
        stroke(RED, 20.6, 2.4, 4.4, 21.6, 2.6),
      ];
    case 'signed-out':
      return [
        ...hollow,
        disc(SLATE, 12, 8.9, 2.4),
        {
          fill: SLATE,
          path: [
            [11, 10],
            [13, 10],
            [14.2, 15],
            [9.8, 15],
          ],
        },
      ];
  }
}

/** A bubble with its tail at the bottom left; `inset` makes it smaller on all sides. */
function bubble(fill: number, inset = 0): Shape {
  const [left, top, right, bottom] = [1.5 + inset, 2 + inset, 22.5 - inset, 19 - inset];
  const radius = 5 - inset;
  const bend = radius * (1 - ROUND);
  return {
    fill,
    path: [
      [left + radius, top],
      [right - radius, top],
      [right - bend, top, right, top + bend, right, top + radius],
      [right, bottom - radius],
      [right, bottom - bend, right - bend, bottom, right - radius, bottom],
      [11.5 - inset * 0.3, bottom],
      [6 + inset * 0.6, 23 - inset * 2.2],
      [6 + inset * 0.6, bottom],
      [left + bend, bottom, left, bottom - bend, left, bottom - radius],
      [left, top + radius],
      [left, top + bend, left + bend, top, left + radius, top],
    ],
  };
}

const hollow = [bubble(SLATE), bubble(WHITE, 2)];
/** A T. */
const letter = [bar(6.5, 6, 11, 2.6), bar(10.6, 6, 2.8, 9.4)];

function bar(x: number, y: number, width: number, height: number): Shape {
  const path = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ] as const;
  return { fill: WHITE, path };
}

function disc(fill: number, x: number, y: number, radius: number): Shape {
  const bend = radius * ROUND;
  const path = [
    [x + radius, y],
    [x + radius, y + bend, x + bend, y + radius, x, y + radius],
    [x - bend, y + radius, x - radius, y + bend, x - radius, y],
    [x - radius, y - bend, x - bend, y - radius, x, y - radius],
    [x + bend, y - radius, x + radius, y - bend, x + radius, y],
  ] as const;
  return { fill, path };
}

/** A line of some width. */
function stroke(
  fill: number,
  ...[x1, y1, x2, y2, width]: [x1: number, y1: number, x2: number, y2: number, width: number]
): Shape {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [dx, dy] = [((y2 - y1) / length) * (width / 2), ((x1 - x2) / length) * (width / 2)];
  const path = [
    [x1 + dx, y1 + dy],
    [x2 + dx, y2 + dy],
    [x2 - dx, y2 - dy],
    [x1 - dx, y1 - dy],
  ] as const;
  return { fill, path };
}
