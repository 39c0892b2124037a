import { crc32, deflateSync } from 'node:zlib';
import { rasterise } from './icon-raster.ts';
import { iconShapes } from './icon-shapes.ts';
import type { TrayState } from './tray-state.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const EIGHT_BITS = 8;
const RED_GREEN_BLUE_ALPHA = 6;

/** The icon as a PNG file of `size` by `size` pixels, for places that take no SVG. */
export function iconPng(state: TrayState, size: number): Buffer {
  const argb = rasterise(iconShapes(state), size);
  const rows = Buffer.alloc((size * 4 + 1) * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const from = (row * size + column) * 4;
      // Each row begins with a byte that names its filter: none.
      const to = row * (size * 4 + 1) + 1 + column * 4;
      rows.set(argb.subarray(from + 1, from + 4), to);
      rows[to + 3] = argb[from] ?? 0;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([EIGHT_BITS, RED_GREEN_BLUE_ALPHA], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
