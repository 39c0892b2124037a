import { rasterise } from '../../tray/icon-raster.ts';
import { iconShapes } from '../../tray/icon-shapes.ts';
import type { NotificationIcon } from './notify-arguments.ts';

/** As large as xfce4-notifyd draws it; in dunst, which takes what it gets, two lines of text stand well beside it. */
const SIZE = 48;

/** Telex's icon as `image-data` wants it: red, green, blue, alpha. */
export function notificationIcon(size = SIZE): NotificationIcon {
  const argb = rasterise(iconShapes('ok'), size);
  const rgba = new Uint8Array(argb.length);
  for (let at = 0; at < argb.length; at += 4) {
    rgba.set(argb.subarray(at + 1, at + 4), at);
    rgba[at + 3] = argb[at] ?? 0;
  }
  return { kind: 'pixels', width: size, height: size, rgba };
}
