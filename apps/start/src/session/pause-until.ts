import type { PauseLength } from '../tray/menu-command.ts';

/** The hour of the morning at which a pause "until tomorrow" ends. */
export const MORNING_HOUR = 8;
const MINUTE_MS = 60_000;

/** When a pause that begins now ends, by the clock on the wall of this machine; Unix milliseconds, both. */
export function pauseUntil(length: PauseLength, nowUnixMs: number): number {
  switch (length) {
    case '30m':
      return nowUnixMs + 30 * MINUTE_MS;
    case '1h':
      return nowUnixMs + 60 * MINUTE_MS;
    case 'tomorrow': {
      const morning = new Date(nowUnixMs);
      morning.setDate(morning.getDate() + 1);
      morning.setHours(MORNING_HOUR, 0, 0, 0);
      return morning.getTime();
    }
  }
}
