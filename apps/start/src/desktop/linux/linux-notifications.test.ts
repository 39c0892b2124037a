import { createFakeClock } from '@telex/testkit';
import { describe, expect, test } from 'vitest';
import type { NotificationEvent } from '../notifications.ts';
import {
  type FakeServerOptions,
  rendered,
  startFakeNotificationServer,
} from '../test/fake-notification-server.ts';
import { follow, notification, notificationsContract } from '../test/notifications-contract.ts';
import type { Bus } from './bus.ts';
import { createLinuxNotifications, type LinuxNotificationsOptions } from './linux-notifications.ts';
import { notificationIcon } from './notification-icon.ts';
import { watchNotificationServer } from './notification-server.ts';
import { busForEachTest } from './test/bus-for-each-test.ts';

const testBus = busForEachTest();

function adapter(options: LinuxNotificationsOptions = {}) {
  const bus = testBus.open();
  return { bus, ...adapterOn(bus, options) };
}

function adapterOn(bus: Bus, options: LinuxNotificationsOptions = {}) {
  const server = watchNotificationServer(bus);
  const notifications = createLinuxNotifications(bus, server, options);
  testBus.atEnd(() => notifications.stop());
  const all: NotificationEvent[] = [];
  let look = () => {};
  notifications.listen((event) => {
    all.push(event);
    look();
  });
  /** Resolves when so many of a kind have been told. */
  const told = (kind: NotificationEvent['kind'], count = 1) =>
    new Promise<void>((resolve) => {
      look = () => {
        if (all.filter((event) => event.kind === kind).length >= count) resolve();
      };
      look();
    });
  return { server, notifications, told, all };
}

async function serve(options: FakeServerOptions = {}) {
  const fake = await startFakeNotificationServer(testBus.daemon.address, options);
  testBus.atEnd(() => fake.stop());
  return fake;
}

/** An adapter that knows its testBus.daemon. */
async function connected(options: FakeServerOptions = {}, own: LinuxNotificationsOptions = {}) {
  const fake = await serve(options);
  const mine = adapter(own);
  await mine.told('available');
  return { fake, ...mine };
}

notificationsContract(
  'the Linux adapter with a fake daemon',
  async () => {
    const { fake, notifications } = await connected();
    const only = () => {
      const [id] = fake.open.keys();
      if (fake.open.size !== 1 || id === undefined) throw new Error(`${fake.open.size} are open`);
      return id;
    };
    return {
      notifications,
      seen: () => fake.calls.map(({ summary, body }) => `${summary}\n${rendered(body)}`).join('\n'),
      screen: {
        untilOpen: (count) => fake.until(() => fake.open.size === count),
        dismiss: async () => fake.close(only(), 2),
        async choose(action) {
          const id = only();
          fake.invoke(id, action);
          fake.close(id, 2);
        },
      },
    };
  },
  { hasScreen: true },
);

describe('what the daemon is asked for', () => {
  test('[P1] name, place, text, actions, hints and the time of the desktop', async () => {
    const { fake, notifications } = await connected();
    await notifications.show('a', notification('Ann: hello'));
    expect(fake.calls).toEqual([
      {
        id: 1,
        appName: 'Telex',
        replacesId: 0,
        appIcon: '',
        summary: 'Acme › general',
        body: 'Ann: hello',
        actions: [
          ...['default', 'Open', 'open', 'Open'],
          ...['mark-read', 'Mark read', 'mute', 'Mute 1 hour'],
        ],
        hints: {
          urgency: 1,
          'desktop-entry': 'telex-start',
          category: 'im.received',
          'suppress-sound': true,
        },
        expireMs: -1,
        atMs: expect.any(Number),
      },
    ]);
  });

  test('[P3] a replacement names the one that it replaces', async () => {
    const { fake, notifications } = await connected();
    await notifications.show('a', notification('first'));
    await notifications.show('b', notification('second'));
    await notifications.show('a', notification('third'));
    expect(fake.calls.map(({ replacesId }) => replacesId)).toEqual([0, 0, 1]);
  });

  test('[P3] several for one key at once each replace the one before, in order', async () => {
    const { fake, notifications } = await connected();
    await Promise.all(
      ['one', 'two', 'three'].map((body) => notifications.show('a', notification(body))),
    );
    expect(fake.calls.map(({ replacesId, body }) => [replacesId, body])).toEqual([
      [0, 'one'],
      [1, 'two'],
      [1, 'three'],
    ]);
  });

  test('[P3] what is shown for another key does not wait for an answer', async () => {
    const { fake, notifications } = await connected();
    fake.answerWith(() => new Promise(() => {}));
    notifications.show('a', notification('first'))?.catch(() => {});
    notifications.show('b', notification('second'))?.catch(() => {});
    await fake.until(() => fake.calls.length === 2);
  });

  test('bytes of the icon are R, G, B, A, and the same for every notification', async () => {
    const rgba = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const icon = { kind: 'pixels', width: 2, height: 1, rgba } as const;
    const { fake, notifications } = await connected({}, { icon: () => icon });
    await notifications.show('a', notification('first'));
    expect(fake.calls[0]?.hints['image-data']).toEqual([
      ...[2, 1, 8, true, 8, 4],
      Buffer.from(rgba),
    ]);
  });

  test('a pixel of Telex’s icon is R, G, B, A too', () => {
    const icon = notificationIcon();
    if (icon.kind !== 'pixels') throw new Error('it should be drawn');
    const at = (x: number, y: number) => [
      ...icon.rgba.subarray((y * icon.width + x) * 4).slice(0, 4),
    ];
    expect(icon.rgba).toHaveLength(icon.width * icon.height * 4);
    expect(at(0, 0)).toEqual([0, 0, 0, 0]);
    expect(at(8, 20)).toEqual([0x2f, 0x6f, 0xe4, 255]);
  });

  test('an icon that is installed is named', async () => {
    const { fake, notifications } = await connected(
      {},
      { icon: () => ({ kind: 'name', name: 'telex' }) },
    );
    await notifications.show('a', notification('first'));
    expect(fake.calls[0]).toMatchObject({ appIcon: 'telex' });
  });
});

describe('what the daemon can do', () => {
  const hostile = notification('<b>x</b> & y');
  const escaped = '&lt;b&gt;x&lt;/b&gt; &amp; y';

  test.each([
    ['renders markup', ['body', 'body-markup'], escaped],
    ['is known not to', ['body'], '<b>x</b> & y'],
    ['does not tell', undefined, escaped],
  ])('[P2] text is what it is where the daemon %s', async (_name, capabilities, body) => {
    const { fake, notifications } = await connected({ capabilities });
    await notifications.show('a', hostile);
    expect(fake.calls[0]?.body).toBe(body);
  });

  test('before it has been asked, text is escaped', async () => {
    const { notifications } = adapter();
    const fake = await serve({ capabilities: ['body'] });
    const { promise, resolve } = Promise.withResolvers<unknown>();
    fake.answerWith((call) => resolve(call.body) ?? 1);
    await notifications.show('a', hostile);
    // Either it was asked in time, or not; never is it rendered.
    expect(['<b>x</b> & y', escaped]).toContain(await promise);
  });

  test('[P2] it is asked again when another takes over', async () => {
    const { fake, notifications, told } = await connected({ capabilities: ['body'] });
    await notifications.show('a', hostile);
    const second = await serve({ capabilities: ['body', 'body-markup', 'sound', 'actions'] });
    await told('available', 2);
    await notifications.show('a', hostile);
    expect([fake.calls[0]?.body, second.calls[0]?.body]).toEqual(['<b>x</b> & y', escaped]);
    expect([...notifications.capabilities]).toEqual(['actions', 'sound']);
  });

  test('no actions are sent to one that has none', async () => {
    const { fake, notifications } = await connected({ capabilities: ['body'] });
    await notifications.show('a', notification('first'));
    expect(fake.calls[0]?.actions).toEqual([]);
    expect(notifications.capabilities.size).toBe(0);
  });

  test.each(['Xfce Notify Daemon', 'dunst'])(
    '[P4] %s draws what a click does, so there is one Open',
    async (name) => {
      const { fake, notifications } = await connected({ name });
      await notifications.show('a', notification('first'));
      expect(fake.calls[0]?.actions.slice(0, 4)).toEqual([
        'default',
        'Open',
        'mark-read',
        'Mark read',
      ]);
    },
  );
});

describe('what the user does', () => {
  test('[P4] a click on it is Open', async () => {
    const { fake, notifications } = await connected();
    const events = follow(notifications);
    await notifications.show('a', notification('first'));
    fake.invoke(1, 'default');
    await events.until(() => true);
    expect(events.seen).toEqual([{ kind: 'activated', bubble: 'a', action: 'open' }]);
  });

  test('an action told right after the answer is not lost', async () => {
    const { fake, notifications } = await connected();
    const events = follow(notifications);
    fake.answerWith((call) => {
      setImmediate(() => fake.invoke(call.id, 'mute'));
      return call.id;
    });
    await notifications.show('a', notification('first'));
    await events.until(({ kind }) => kind === 'activated');
    expect(events.seen).toEqual([{ kind: 'activated', bubble: 'a', action: 'mute' }]);
  });

  test.each([1, 2, 3, 4])('closed for reason %i is closed', async (reason) => {
    const { fake, notifications } = await connected();
    const events = follow(notifications);
    await notifications.show('a', notification('first'));
    fake.close(1, reason);
    await events.until(() => true);
    expect(events.seen).toEqual([{ kind: 'closed', bubble: 'a' }]);
  });

  test('one that was dismissed while its replacement was under way is open, not closed', async () => {
    const { fake, notifications } = await connected();
    const events = follow(notifications);
    await notifications.show('a', notification('first'));
    fake.answerWith(({ replacesId }) => {
      fake.close(replacesId, 2);
      return 7;
    });
    await notifications.show('a', notification('second'));
    expect(events.seen).toEqual([]);
    fake.close(7, 2);
    await events.until(({ kind }) => kind === 'closed');
    expect(events.seen).toHaveLength(1);
  });

  test('[P5] one that was closed by us is not told as closed', async () => {
    const { fake, notifications } = await connected();
    const events = follow(notifications);
    await notifications.show('a', notification('first'));
    await notifications.close('a');
    await fake.until(() => fake.open.size === 0);
    await notifications.show('b', notification('second'));
    fake.close(2, 2);
    await events.until(() => true);
    expect(events.seen).toEqual([{ kind: 'closed', bubble: 'b' }]);
  });
});

describe('a daemon that misbehaves', () => {
  test('[P9] signals of wrong types, unknown ids, unknown actions and foreign senders do nothing', async () => {
    const { fake, notifications } = await connected();
    const stranger = testBus.open();
    await stranger.call({
      ...{ destination: 'org.freedesktop.DBus', path: '/', interface: 'org.freedesktop.DBus' },
      member: 'GetId',
    });
    const events = follow(notifications);
    await notifications.show('a', notification('first'));
    stranger.emit({
      ...{ path: '/org/freedesktop/Notifications', interface: 'org.freedesktop.Notifications' },
      ...{ member: 'NotificationClosed', signature: 'uu', body: [1, 2] },
    });
    fake.emit('NotificationClosed', 's', ['1']);
    fake.emit('NotificationClosed', '', []);
    fake.emit('NotificationClosed', 'uu', [99, 2]);
    fake.emit('ActionInvoked', 'uu', [1, 1]);
    fake.emit('ActionInvoked', 'us', [1, 'constructor']);
    fake.emit('ActionInvoked', 'us', [1, '']);
    fake.emit('ActionInvoked', 'us', [99, 'default']);
    fake.emit('ActivationToken', 'us', [1, 'token']);
    fake.emit('ActivationToken', 'a{sv}', [[]]);
    fake.emit('SomethingElse', 'us', [1, 'default']);
    fake.invoke(1, 'mute');
    await events.until(() => true);
    expect(events.seen).toEqual([{ kind: 'activated', bubble: 'a', action: 'mute' }]);
  });

  test('[P4] ten thousand signals of one action are one', async () => {
    const { fake, notifications } = await connected();
    const events = follow(notifications);
    await notifications.show('a', notification('first'));
    for (let count = 0; count < 10_000; count += 1) fake.invoke(1, 'default');
    fake.close(1, 2);
    await events.until(({ kind }) => kind === 'closed');
    expect(events.seen.map(({ kind }) => kind)).toEqual(['activated', 'closed']);
  });

  test('one that gives every notification the same id has one of them open', async () => {
    const { fake, notifications } = await connected();
    const events = follow(notifications);
    fake.answerWith(() => 5);
    await notifications.show('a', notification('first'));
    await notifications.show('b', notification('second'));
    fake.close(5, 2);
    await events.until((event) => event.kind === 'closed' && event.bubble === 'b');
    expect(events.seen.map((event) => 'bubble' in event && event.bubble)).toEqual(['a', 'b']);
  });

  test('the id 0 and an error are refusals', async () => {
    const { fake, notifications } = await connected();
    for (const answer of [
      () => 0,
      () => {
        throw new Error('no more than twenty');
      },
    ]) {
      fake.answerWith(answer);
      await expect(notifications.show('a', notification('first'))).rejects.toThrow();
    }
    fake.answerWith(undefined);
    await notifications.show('a', notification('second'));
  });

  test('[P8] after a refusal it is tried again, ever less often', async () => {
    const clock = createFakeClock();
    const { fake, notifications, told, all } = await connected({}, { after: clock.after });
    fake.answerWith(() => {
      throw new Error('no more than twenty');
    });
    for (const pauseMs of [2_000, 4_000, 8_000]) {
      await expect(notifications.show('a', notification('first'))).rejects.toThrow('twenty');
      const before = all.length;
      await clock.advance(pauseMs - 1);
      expect(all).toHaveLength(before);
      await clock.advance(1);
      expect(all).toHaveLength(before + 1);
    }
    await told('available', 4);
    fake.answerWith(undefined);
    await notifications.show('a', notification('second'));
    expect(clock.pending).toBe(0);
  });

  test('when what should be replaced is refused, the old text does not stay', async () => {
    const { fake, notifications } = await connected();
    await notifications.show('a', notification('first'));
    fake.answerWith(() => {
      throw new Error('no');
    });
    await expect(notifications.show('a', notification('second'))).rejects.toThrow();
    await fake.until(() => fake.open.size === 0);
  });

  test('[P8] more than 128 are never open, and the oldest is told as closed', async () => {
    const { fake, notifications } = await connected();
    const events = follow(notifications);
    for (let number = 0; number < 200; number += 1) {
      await notifications.show(`bubble ${number}`, notification('text'));
    }
    await fake.until(() => fake.open.size === 128);
    expect(events.seen).toHaveLength(72);
    expect(events.seen[0]).toEqual({ kind: 'closed', bubble: 'bubble 0' });
  });

  test('[P8] more than 1,024 that wait are refused, and when all are done it is available', async () => {
    const { fake, notifications, told } = await connected();
    const { promise, resolve } = Promise.withResolvers<void>();
    fake.answerWith(async ({ id }) => {
      await promise;
      return id;
    });
    const all = Array.from({ length: 1_100 }, async (_, number) =>
      notifications.show(`bubble ${number % 50}`, notification('text')),
    );
    const ends = Promise.allSettled(all);
    await fake.until(() => fake.calls.length === 50);
    resolve();
    await told('available', 2);
    expect((await ends).filter(({ status }) => status === 'rejected')).toHaveLength(76);
  });
});

describe('a daemon that does not answer', () => {
  /** Stops answering; what it was asked meanwhile is answered by `go`. */
  async function frozen() {
    const clock = createFakeClock();
    const mine = await connected({}, { after: clock.after });
    const { promise, resolve } = Promise.withResolvers<void>();
    mine.fake.answerWith(async ({ id }) => {
      await promise;
      return id;
    });
    return { ...mine, clock, go: resolve };
  }

  test('[P7] it is refused after 5 s, and everything after it at once', async () => {
    const { fake, notifications, clock } = await frozen();
    const ends = Promise.allSettled(
      ['a', 'a', 'b'].map((key) => notifications.show(key, notification('text'))),
    );
    await fake.until(() => fake.calls.length === 2);
    await clock.advance(5_000);
    expect((await ends).map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
    await expect(notifications.show('c', notification('text'))).rejects.toThrow('does not answer');
    expect(fake.calls).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  test('[P7] when it goes on, what was refused is taken away, and it is available', async () => {
    const { fake, notifications, clock, told, go } = await frozen();
    const ends = Promise.allSettled(
      ['a', 'b'].map((key) => notifications.show(key, notification('text'))),
    );
    await fake.until(() => fake.calls.length === 2);
    await clock.advance(5_000);
    await ends;
    for (const call of fake.calls) (fake.open as Map<number, unknown>).set(call.id, call);
    go();
    await told('available', 2);
    await fake.until(() => fake.open.size === 0);
    fake.answerWith(undefined);
    await notifications.show('a', notification('text'));
  });

  test('when another takes over, that one is asked', async () => {
    const { fake, notifications, clock, told } = await frozen();
    const shown = Promise.allSettled([notifications.show('a', notification('text'))]);
    await fake.until(() => fake.calls.length === 1);
    await clock.advance(5_000);
    await shown;
    const second = await serve();
    await told('available', 2);
    await notifications.show('a', notification('text'));
    expect(second.open.size).toBe(1);
  });
});

describe('a daemon that comes and goes', () => {
  test('without one, showing is refused at once', async () => {
    const { notifications } = adapter();
    await expect(notifications.show('a', notification('text'))).rejects.toMatchObject({
      errorName: 'org.freedesktop.DBus.Error.ServiceUnknown',
    });
  });

  test('[P6] one that comes is available, and told only when it is known what it can do', async () => {
    const { notifications, told, server } = adapter();
    await expect(notifications.show('a', notification('text'))).rejects.toThrow();
    await serve();
    await told('available');
    expect(server.current.capabilities?.has('body-markup')).toBe(true);
    await notifications.show('a', notification('text'));
  });

  test('[P6] after a restart all ids are forgotten, and open bubbles are told as closed', async () => {
    const { fake, notifications, told } = await connected();
    const events = follow(notifications);
    await notifications.show('a', notification('first'));
    await notifications.show('b', notification('second'));
    fake.stop();
    await told('closed', 2);
    const second = await serve();
    await told('available', 2);
    expect(events.seen.map((event) => 'bubble' in event && event.bubble)).toEqual(['a', 'b']);
    await notifications.show('b', notification('third'));
    expect(second.calls.map(({ replacesId }) => replacesId)).toEqual([0]);
  });

  test('one that ends before it has answered has refused', async () => {
    const { fake, notifications } = await connected();
    fake.answerWith(() => new Promise(() => {}));
    const shown = notifications.show('a', notification('first'));
    await fake.until(() => fake.calls.length === 1);
    fake.stop();
    await expect(shown).rejects.toThrow();
  });

  test('another that takes over while an answer is under way: its id is none of ours', async () => {
    const { fake, notifications, told } = await connected();
    const events = follow(notifications);
    const { promise, resolve } = Promise.withResolvers<number>();
    fake.answerWith(() => promise);
    const shown = notifications.show('a', notification('first'));
    await fake.until(() => fake.calls.length === 1);
    const second = await serve();
    await told('available', 2);
    resolve(1);
    await shown;
    expect(events.seen).toEqual([{ kind: 'closed', bubble: 'a' }]);
    await notifications.show('b', notification('second'));
    expect(second.calls.map(({ replacesId }) => replacesId)).toEqual([0]);
  });

  test('the bus is killed and restarted: refused meanwhile, then available, and nothing twice', async () => {
    const { fake, notifications, told } = await connected();
    const events = follow(notifications);
    await notifications.show('a', notification('first'));
    fake.stop();
    await testBus.daemon.kill();
    await told('closed');
    await expect(notifications.show('b', notification('lost'))).rejects.toThrow();
    await testBus.daemon.restart();
    const second = await serve();
    await told('available', 2);
    await notifications.show('b', notification('second'));
    second.invoke(1, 'default');
    second.close(1, 2);
    await told('closed', 2);
    expect(second.calls).toHaveLength(1);
    expect(events.seen).toEqual([
      { kind: 'closed', bubble: 'a' },
      { kind: 'activated', bubble: 'b', action: 'open' },
      { kind: 'closed', bubble: 'b' },
    ]);
  });

  test('a frozen bus does not hold showing or stopping up', async () => {
    const clock = createFakeClock();
    const { bus, notifications } = await connected({}, { after: clock.after });
    testBus.daemon.freeze();
    const shown = notifications.show('a', notification('first'));
    const refused = expect(shown).rejects.toThrow();
    await clock.advance(5_000);
    await refused;
    notifications.stop();
    bus.close();
    testBus.daemon.thaw();
  });
});
