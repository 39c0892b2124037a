// The adapter on real notification daemons, started under Xvfb on a bus of their own.
import { startRealDesktop } from '@telex/testkit';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startFakeNotificationServer } from '../test/fake-notification-server.ts';
import { notification, notificationsContract } from '../test/notifications-contract.ts';
import {
  type RealDaemon,
  startRealDconf,
  startRealDunst,
  startRealXfce,
} from '../test/real-daemons.ts';
import { openBus } from './bus.ts';
import { createLinuxNotifications } from './linux-notifications.ts';
import { watchNotificationServer } from './notification-server.ts';
import { gsettingsReader, type ReadSetting } from './quiet/gnome-banners.ts';
import type { QuietEvent } from './quiet/quiet-reasons.ts';
import { watchQuiet } from './quiet/watch-quiet.ts';

let dunst: RealDaemon;
let xfce: RealDaemon;
beforeAll(async () => {
  [dunst, xfce] = await Promise.all([startRealDunst(), startRealXfce()]);
});
afterAll(async () => {
  await Promise.all([dunst?.desktop.stop(), xfce?.desktop.stop()]);
});

const ofReal = { hasScreen: true, burst: 60 };
notificationsContract('the Linux adapter with dunst', () => dunst.open(), ofReal);
notificationsContract('the Linux adapter with xfce4-notifyd', () => xfce.open(), ofReal);

/** Follows what the desktop on that bus says of quiet. */
function watchQuietOn(address: string, readSetting: ReadSetting = async () => undefined) {
  const bus = openBus(address);
  const server = watchNotificationServer(bus);
  const events: QuietEvent[] = [];
  let look = () => {};
  const stopWatching = watchQuiet({
    ...{ session: bus, system: undefined, server, readSetting },
    emit(event) {
      events.push(event);
      look();
    },
  });
  return {
    events,
    until: (count: number) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (events.length >= count) resolve();
        };
        look();
      }),
    stop() {
      stopWatching();
      server.stop();
      bus.close();
    },
  };
}

describe.each([
  ['dunst', () => dunst],
  ['xfce4-notifyd', () => xfce],
])('%s', (_name, real) => {
  test('[T3] shows the tags of a message as characters', async () => {
    const bench = await real().open();
    const { screen } = real().desktop;
    const area = { x: 640, y: 34, width: 640, height: 300 };
    const picture = async (text: string) => {
      await bench.notifications.show('a', notification(text));
      await bench.screen?.untilOpen(1);
      // It may fade in: the picture is the one that stays.
      let before = await screen.pixels(area);
      for (let tries = 0; tries < 100; tries += 1) {
        const now = await screen.pixels(area);
        if (now.equals(before) && tries > 5) return now;
        before = now;
      }
      throw new Error('it never stood still');
    };
    const tagged = await picture('<b>bold</b>');
    const plain = await picture('bold');
    expect(await picture('<b>bold</b>')).toEqual(tagged);
    expect(plain.equals(tagged)).toBe(false);
    await bench.stop?.();
  });

  test('its do-not-disturb is told, as it stands and as it changes', async () => {
    await real().disturb(false);
    const { until, events, stop } = watchQuietOn(real().desktop.bus);
    await until(1);
    await real().disturb(true);
    await until(2);
    await real().disturb(false);
    await until(3);
    await real().disturb(true);
    await until(4);
    expect(events.map(({ kind }) => kind)).toEqual(['quiet', 'quiet-over', 'quiet', 'quiet-over']);
    stop();
  });

  test('stopped it is refused in time; going on, it is available and what was refused is gone', async () => {
    const bus = openBus(real().desktop.bus);
    const server = watchNotificationServer(bus);
    const notifications = createLinuxNotifications(bus, server, { answerLimitMs: 300 });
    let isAvailable = Promise.withResolvers<void>();
    notifications.listen(({ kind }) => {
      if (kind === 'available') isAvailable.resolve();
    });
    await isAvailable.promise;
    isAvailable = Promise.withResolvers();
    const { daemon } = real().desktop;
    await daemon?.kill('SIGSTOP');
    await expect(notifications.show('a', notification('stopped'))).rejects.toThrow('no answer');
    await expect(notifications.show('b', notification('stopped'))).rejects.toThrow();
    await daemon?.kill('SIGCONT');
    await isAvailable.promise;
    notifications.stop();
    server.stop();
    bus.close();
    const bench = await real().open();
    await bench.screen?.untilOpen(0);
    await bench.stop?.();
  });

  test('killed and started again: closed, available, and shown once', async () => {
    const bench = await real().open();
    const { notifications } = bench;
    const events: string[] = [];
    let isAvailable = Promise.withResolvers<void>();
    notifications.listen((event) => {
      events.push('bubble' in event ? `${event.kind} ${event.bubble}` : event.kind);
      if (event.kind === 'available') isAvailable.resolve();
    });
    await notifications.show('a', notification('first'));
    isAvailable = Promise.withResolvers();
    await real().desktop.daemon?.kill();
    await expect(notifications.show('b', notification('lost'))).rejects.toThrow();
    await real().desktop.daemon?.restart();
    await isAvailable.promise;
    await notifications.show('b', notification('second'));
    await bench.screen?.untilOpen(1);
    expect(events).toEqual(['closed a', 'available']);
    await bench.stop?.();
  });
});

test('GNOME’s do-not-disturb is told by its own settings service, as it stands and as it changes', async () => {
  const desktop = await startRealDesktop({ daemon: 'none' });
  onTestFinished(() => desktop.stop());
  const dconf = await startRealDconf(desktop);
  const fake = await startFakeNotificationServer(desktop.bus, { name: 'gnome-shell' });
  await dconf.showBanners(false);
  const { until, events, stop } = watchQuietOn(desktop.bus, gsettingsReader(dconf.env));
  await until(1);
  await dconf.showBanners(true);
  await until(2);
  await dconf.showBanners(false);
  await until(3);
  expect(events.map(({ kind }) => kind)).toEqual(['quiet', 'quiet-over', 'quiet']);
  stop();
  fake.stop();
  await dconf.stop();
});

test.each([
  ['leaves markup out', ''],
  ['turns markup off', 'markup = no'],
])('[T3] a dunst whose configuration %s shows tags as characters too', async (_name, markup) => {
  const real = await startRealDunst(markup);
  try {
    const bench = await real.open();
    await bench.notifications.show('a', notification('R & D: <b>bold</b> &lt; <img src=x>'));
    const seen = await bench.seen();
    expect(seen.replaceAll('\u2060', '')).toContain('R & D: ‹b›bold‹/b› &lt; ‹img src=x›');
    await bench.stop?.();
  } finally {
    await real.desktop.stop();
  }
});
