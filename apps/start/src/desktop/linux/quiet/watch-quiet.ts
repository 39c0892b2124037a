import type { NotificationServerWatch } from '../notification-server.ts';
import { doNotDisturbSource } from './do-not-disturb.ts';
import { gsettingsReader, type ReadSetting } from './gnome-banners.ts';
import {
  createQuietReasons,
  type DesktopQuiet,
  type QuietEvent,
  type QuietSource,
} from './quiet-reasons.ts';
import { lockedHintSource, screenSaverSources } from './screen-lock.ts';
import type { QuietBus } from './watch-value.ts';

export interface WatchQuietPorts {
  readonly session: QuietBus;
  /** Undefined where there is none. */
  readonly system: QuietBus | undefined;
  readonly server: NotificationServerWatch;
  readonly emit: (event: QuietEvent) => void;
  /** Default: by the program `gsettings`. */
  readonly readSetting?: ReadSetting;
}

/** Tells when the desktop wants quiet: "do not disturb" of its notifications, a locked screen. Nothing is asked for regularly. */
export function watchQuiet({
  session,
  system,
  server,
  emit,
  readSetting = gsettingsReader(),
}: WatchQuietPorts): () => void {
  const set = createQuietReasons(emit);
  const begin = (name: string, reason: DesktopQuiet, source: QuietSource) =>
    source((isOn) => set(name, reason, isOn));
  const stops = [
    begin('notifications', 'do-not-disturb', doNotDisturbSource(session, server, readSetting)),
    ...[...screenSaverSources(session)].map(([name, source]) => begin(name, 'locked', source)),
    ...(system === undefined ? [] : [begin('logind', 'locked', lockedHintSource(system))]),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
