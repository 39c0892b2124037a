import { rasterise } from '../../tray/icon-raster.ts';
import { iconShapes } from '../../tray/icon-shapes.ts';
import type { TrayState } from '../../tray/tray-state.ts';

/** `IconPixmap` of StatusNotifierItem, `a(iiay)`: width, height, and alpha, red, green, blue of each pixel. */
export type Pixmaps = readonly (readonly [width: number, height: number, argb: Uint8Array])[];

/** Sizes that panels show at 100 and 200 percent; a host takes the nearest, xfce4-panel the largest. */
const SIZES = [16, 22, 24, 32, 48, 64];

/** Drawn when first asked for, then kept: hosts read them again after every signal. */
export function createTrayIcons(): (state: TrayState) => Pixmaps {
  const drawn = new Map<TrayState, Pixmaps>();
  return (state) => {
    const known = drawn.get(state);
    if (known !== undefined) return known;
    const shapes = iconShapes(state);
    const pixmaps = SIZES.map((size) => [size, size, rasterise(shapes, size)] as const);
    drawn.set(state, pixmaps);
    return pixmaps;
  };
}
