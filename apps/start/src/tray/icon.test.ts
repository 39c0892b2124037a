import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { iconPng } from './icon-png.ts';
import { rasterise } from './icon-raster.ts';
import { iconShapes, type Shape } from './icon-shapes.ts';
import { iconSvg } from './icon-svg.ts';
import { trayStates } from './tray-state.ts';

const SIZES = [16, 22, 24, 32, 48, 64];

const square = (x: number, y: number, side: number): Shape => ({
  fill: 0x102030,
  path: [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
  ],
});

describe('drawing', () => {
  test('a pixel is alpha, red, green, blue; beside the shape nothing is drawn', () => {
    const pixels = rasterise([square(0, 0, 12)], 24);
    expect([...pixels.subarray(0, 4)]).toEqual([255, 0x10, 0x20, 0x30]);
    expect([...pixels.subarray(4 * 12, 4 * 13)]).toEqual([0, 0, 0, 0]);
    expect(pixels).toHaveLength(24 * 24 * 4);
  });

  test('an edge within a pixel covers the part of it that it covers', () => {
    const pixels = rasterise([square(0.5, 0.25, 2)], 24);
    const alpha = (x: number, y: number) => pixels[(y * 24 + x) * 4] ?? 0;
    expect(alpha(0, 1)).toBe(128);
    expect(alpha(1, 0)).toBe(191);
    expect(alpha(0, 0)).toBe(96);
    expect(alpha(1, 1)).toBe(255);
    expect(alpha(2, 2)).toBe(32);
  });

  test('all of a slanted shape’s area is there, whichever way round it runs', () => {
    const path = [
      [2, 2],
      [20, 5],
      [9, 21],
    ] as const;
    for (const corners of [path, path.toReversed()]) {
      const pixels = rasterise([{ fill: 0, path: corners }], 24);
      const area = pixels.reduce((sum, value, at) => (at % 4 === 0 ? sum + value / 255 : sum), 0);
      expect(area).toBeCloseTo(160.5, 0);
    }
  });

  test('what lies outside the grid is cut off', () => {
    expect(() => rasterise([square(-5, -5, 50)], 16)).not.toThrow();
    const pixels = rasterise([square(-5, -5, 50)], 16);
    expect(pixels.every((value, at) => at % 4 !== 0 || value === 255)).toBe(true);
  });
});

describe('the icons', () => {
  /** Light against dark, which is what is left without colour; nothing drawn counts as `panel`. */
  const grey = (pixels: Uint8Array, panel: number) =>
    Array.from({ length: pixels.length / 4 }, (_, index) => {
      const [alpha = 0, red = 0, green = 0, blue = 0] = pixels.subarray(index * 4);
      const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      return (light * alpha + panel * (255 - alpha)) / 255;
    });

  test.each(SIZES)(
    '[Y5] any two differ in grey at %i pixels, on dark and on light panels',
    (size) => {
      for (const panel of [30, 245]) {
        const drawn = trayStates.map((state) => grey(rasterise(iconShapes(state), size), panel));
        for (const [index, one] of drawn.entries()) {
          for (const other of drawn.slice(index + 1)) {
            const clear = one.filter((value, at) => Math.abs(value - (other[at] ?? 0)) > 60).length;
            expect(clear / one.length).toBeGreaterThan(0.03);
          }
          const seen = one.filter((value) => Math.abs(value - panel) > 60).length;
          expect(seen / one.length).toBeGreaterThan(0.1);
        }
      }
    },
  );

  test('as SVG, of the same shapes', () => {
    const svg = iconSvg('ok');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 24 24">/);
    expect(svg.match(/<path /g)).toHaveLength(iconShapes('ok').length);
    expect(svg).not.toMatch(/NaN|undefined/);
  });

  test('as PNG, with the same pixels', () => {
    const png = iconPng('unread', 32);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([32, 32]);
    const at = png.indexOf('IDAT');
    const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
    const argb = rasterise(iconShapes('unread'), 32);
    const row = 10;
    const pixel = rows.subarray(row * (32 * 4 + 1) + 1 + 8 * 4).subarray(0, 4);
    const [alpha, ...colour] = argb.subarray((row * 32 + 8) * 4).subarray(0, 4);
    expect([...pixel]).toEqual([...colour, alpha]);
  });
});
