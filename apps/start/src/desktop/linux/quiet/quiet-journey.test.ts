// Arrivals, policy, quiet sources and notifications together, on a real bus with a daemon that is told to be quiet.
import { createFakeClock } from '@telex/testkit';
import { expect, test } from 'vitest';
import { createMemoryJournal } from '../../../notify/journal.ts';
import { createNotifier } from '../../../notify/notifier.ts';
import { message } from '../../../notify/test-arrivals.ts';
import { startFakeNotificationServer } from '../../test/fake-notification-server.ts';
import { createLinuxNotifications } from '../linux-notifications.ts';
import { notificationsTarget, watchNotificationServer } from '../notification-server.ts';
import { busForEachTest } from '../test/bus-for-each-test.ts';
import { variant } from '../variant.ts';
import { watchQuiet } from './watch-quiet.ts';

const testBus = busForEachTest();

const PAUSED = 'org.dunstproject.cmd0';

async function pausable() {
  let isPaused = true;
  const fake = await startFakeNotificationServer(testBus.daemon.address, {
    name: 'dunst',
    interfaces: [
      {
        name: PAUSED,
        methods: {},
        properties: { paused: { signature: 'b', get: () => isPaused } },
      },
    ],
  });
  testBus.atEnd(() => fake.stop());
  const pause = (next: boolean) => {
    isPaused = next;
    fake.bus.emit({
      path: notificationsTarget.path,
      ...{ interface: 'org.freedesktop.DBus.Properties', member: 'PropertiesChanged' },
      ...{ signature: 'sa{sv}as', body: [PAUSED, [['paused', variant('b', next)]], []] },
    });
  };
  return { fake, pause };
}

function client() {
  const bus = testBus.open();
  const server = watchNotificationServer(bus);
  const notifications = createLinuxNotifications(bus, server);
  const told: string[] = [];
  let look = () => {};
  const note = (what: string) => {
    told.push(what);
    look();
  };
  const notifier = createNotifier({
    ...{ notifications, clock: createFakeClock(), journal: createMemoryJournal() },
    formatTime: () => '12:00',
    onDecision: ({ kind }) => note(kind),
    onRequested: () => {},
    onShown: () => note('shown'),
    onAction: () => {},
    onQuiet: () => note(`quiet: ${notifier.quiet.join()}`),
    onFault: () => note('fault'),
  });
  testBus.atEnd(() => notifier.close());
  notifications.listen(({ kind }) => note(kind));
  testBus.atEnd(
    watchQuiet({
      ...{ session: bus, system: undefined, server, readSetting: async () => undefined },
      emit: (event) => void notifier.feed(event),
    }),
  );
  void notifier.feed({ kind: 'signed-in', userId: 'me' });
  return {
    ...{ notifier, told },
    push: (id: string) =>
      void notifier.feed({ kind: 'arrival', arrival: message({ id, threadId: id }) }),
    until: (what: string) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (told.includes(what)) resolve();
        };
        look();
      }),
  };
}

test('[N5] [N12] while the desktop wants quiet messages are counted, and one summary tells of them', async () => {
  const { fake, pause } = await pausable();
  const { push, until, notifier } = client();
  await until('quiet: do-not-disturb');
  for (const id of ['a', 'b', 'c']) push(id);
  expect(notifier.counts).toEqual({ received: 3, shown: 0, counted: 3, dropped: 0 });
  pause(false);
  await fake.until(() => fake.open.size === 1);
  expect(fake.calls.map(({ body }) => body)).toEqual([
    '3 new in 1 channel (Acme › general) while it was quiet',
  ]);
  push('d');
  await fake.until(() => fake.open.size === 2);
});

test('[N5] a daemon that is gone while messages arrive: nothing lost, nothing twice', async () => {
  const { fake, pause } = await pausable();
  const { push, until } = client();
  await until('quiet: do-not-disturb');
  pause(false);
  await until('quiet: ');
  push('a');
  await fake.until(() => fake.calls.length === 1);
  await until('shown');
  fake.stop();
  await until('closed');
  push('b');
  await until('fault');
  push('c');
  const { fake: second, pause: pauseSecond } = await pausable();
  pauseSecond(false);
  await second.until(() => second.open.size === 1);
  expect(second.calls.map(({ body }) => body)).toEqual([
    '2 new in 1 channel (Acme › general) while it was quiet',
  ]);
});
