import { GRID, type PathStep, type Shape } from './icon-shapes.ts';

/** Straight pieces that a curve becomes: at 64 pixels none is seen. */
const PIECES = 12;

/**
 * Draws shapes into `size` by `size` pixels, each four bytes: alpha, red, green, blue, alpha not multiplied in. Edges are
 * smoothed by the exact part of each pixel that a shape covers.
 */
export function rasterise(shapes: readonly Shape[], size: number): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(size * size * 4);
  // One for all shapes: what is allocated for drawing stays with the process for long.
  const changes = new Float32Array(size * (size + 2));
  for (const { fill, path } of shapes) {
    changes.fill(0);
    outline(changes, cornersOf(path, size / GRID), size);
    paint(pixels, changes, size, fill);
  }
  return pixels;
}

type Corner = readonly [x: number, y: number];

function cornersOf(path: readonly PathStep[], scale: number): readonly Corner[] {
  const corners: Corner[] = [];
  let [lastX, lastY] = [0, 0];
  for (const step of path) {
    if (step.length === 2) {
      [lastX, lastY] = step;
      corners.push([lastX * scale, lastY * scale]);
      continue;
    }
    const [x1, y1, x2, y2, x, y] = step;
    for (let piece = 1; piece <= PIECES; piece += 1) {
      const t = piece / PIECES;
      const at = (a: number, b: number, c: number, d: number) =>
        (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t * t * c + t ** 3 * d;
      corners.push([at(lastX, x1, x2, x) * scale, at(lastY, y1, y2, y) * scale]);
    }
    [lastX, lastY] = [x, y];
  }
  return corners;
}

/**
 * Each edge notes, in the pixels it crosses, by how much the covered area of all pixels to their right changes; adding up along
 * a row gives the part of each pixel that lies inside the outline.
 */
function outline(changes: Float32Array, corners: readonly Corner[], size: number): void {
  let [fromX, fromY] = corners.at(-1) ?? [0, 0];
  for (const [x, y] of corners) {
    addEdge(changes, size, fromX, fromY, x, y);
    [fromX, fromY] = [x, y];
  }
}

function addEdge(
  changes: Float32Array,
  size: number,
  ...[x1, y1, x2, y2]: [x1: number, y1: number, x2: number, y2: number]
): void {
  if (y1 === y2) return;
  const direction = y1 < y2 ? 1 : -1;
  const [topX, topY, bottomX, bottomY] = y1 < y2 ? [x1, y1, x2, y2] : [x2, y2, x1, y1];
  const slope = (bottomX - topX) / (bottomY - topY);
  const lastRow = Math.min(size, Math.ceil(bottomY));
  for (let row = Math.max(0, Math.floor(topY)); row < lastRow; row += 1) {
    const upper = Math.max(row, topY);
    const lower = Math.min(row + 1, bottomY);
    const [a, b] = [topX + (upper - topY) * slope, topX + (lower - topY) * slope];
    const [left, right] = a < b ? [a, b] : [b, a];
    addSpan(changes, row * (size + 2), size, left, right, direction * (lower - upper));
  }
}

/** A piece of an edge within one row, from `left` to `right`, of that height. */
function addSpan(
  changes: Float32Array,
  start: number,
  size: number,
  ...[left, right, height]: [left: number, right: number, height: number]
): void {
  const first = Math.max(0, Math.min(size, Math.floor(left)));
  const last = Math.max(first, Math.min(size, Math.floor(right)));
  let before = 0;
  for (let column = first; column <= last; column += 1) {
    // Area of this pixel to the right of the edge.
    const area = height * rightOf(left, right, column);
    changes[start + column] = (changes[start + column] ?? 0) + area - before;
    before = area;
  }
  changes[start + last + 1] = (changes[start + last + 1] ?? 0) + height - before;
}

/** How much of the column lies right of an edge that runs from `left` to `right` across a row of height 1. */
function rightOf(left: number, right: number, column: number): number {
  if (right - left < 1e-6) return Math.max(0, Math.min(1, column + 1 - left));
  const within = (x: number) => Math.max(0, x - left) ** 2 / (2 * (right - left));
  const upTo = (x: number) => (x >= right ? x - (left + right) / 2 : within(x));
  return upTo(column + 1) - upTo(column);
}

function paint(pixels: Uint8Array, changes: Float32Array, size: number, fill: number): void {
  for (let row = 0; row < size; row += 1) {
    let sum = 0;
    for (let column = 0; column < size; column += 1) {
      sum += changes[row * (size + 2) + column] ?? 0;
      const part = Math.min(1, Math.abs(sum));
      if (part > 1e-4) lay(pixels, (row * size + column) * 4, part, fill);
    }
  }
}

/** Lays a colour on a pixel, which it covers in part. */
function lay(pixels: Uint8Array, at: number, part: number, fill: number): void {
  const under = ((pixels[at] ?? 0) / 255) * (1 - part);
  const alpha = part + under;
  pixels[at] = Math.round(alpha * 255);
  for (let channel = 1; channel <= 3; channel += 1) {
    const value = (fill >> (8 * (3 - channel))) & 0xff;
    const place = at + channel;
    pixels[place] = Math.round((value * part + (pixels[place] ?? 0) * under) / alpha);
  }
}
