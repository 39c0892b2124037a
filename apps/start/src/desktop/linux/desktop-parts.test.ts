import { launchBus } from '@telex/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { readEnvironment } from '../../environment.ts';
import type { DesktopEvent } from '../desktop.ts';
import { startFakeNotificationServer } from '../test/fake-notification-server.ts';
import { follow, notification } from '../test/notifications-contract.ts';
import { openBus } from './bus.ts';
import { openDesktopParts } from './desktop-parts.ts';

async function open() {
  const daemon = await launchBus();
  onTestFinished(() => daemon.stop());
  const fake = await startFakeNotificationServer(daemon.address);
  onTestFinished(() => fake.stop());
  const bus = openBus(daemon.address);
  const events: DesktopEvent[] = [];
  let look = () => {};
  const parts = openDesktopParts({
    environment: readEnvironment({ DBUS_SYSTEM_BUS_ADDRESS: daemon.address }),
    after: () => () => {},
    log: () => {},
    bus,
    emit(event) {
      events.push(event);
      look();
    },
  });
  onTestFinished(() => {
    parts.close();
    bus.close();
  });
  const emitted = () =>
    new Promise<void>((resolve) => {
      look = () => {
        if (events.length > 0) resolve();
      };
      look();
    });
  return { fake, parts, events, emitted };
}

test.each([
  [true, 'Login', 'login'],
  [false, 'Open', 'open'],
])(
  'without a panel, signed out: %s, one notification offers %s, and that alone happens',
  async (isSignedOut, label, kind) => {
    const { fake, parts, events, emitted } = await open();
    const told = follow(parts.notifications);
    parts.tellNoTray(isSignedOut);
    await fake.until(() => fake.open.size === 1);
    const [shown] = fake.open.values();
    expect(shown?.summary).toBe('Telex');
    expect(shown?.body).toContain('AppIndicator');
    // It must be found again in the desktop's list.
    expect(shown?.hints).not.toHaveProperty('transient');
    expect(shown?.actions.slice(0, 2)).toEqual(['default', label]);
    // Its id is known here by then: the next one waits for it.
    await parts.notifications.show('thread', notification('hello'));
    fake.invoke(shown?.id ?? 0, 'default');
    await emitted();
    expect(events).toEqual([{ kind: 'chosen', command: { kind } }]);
    fake.invoke(2, 'mute');
    await told.until(({ kind: what }) => what === 'activated');
    expect(told.seen).toEqual([{ kind: 'activated', bubble: 'thread', action: 'mute' }]);
  },
);

test('sentences of one moment are one notification, which the desktop need not keep', async () => {
  const { fake, parts } = await open();
  parts.tell('Offline.');
  parts.tell('Trying again.');
  await fake.until(() => fake.open.size === 1);
  expect(fake.calls).toHaveLength(1);
  expect(fake.calls[0]).toMatchObject({
    body: 'Offline. Trying again.',
    hints: { transient: true, 'suppress-sound': true },
  });
});
