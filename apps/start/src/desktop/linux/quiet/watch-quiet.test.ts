import { describe, expect, test } from 'vitest';
import {
  type FakeServerOptions,
  own,
  startFakeNotificationServer,
} from '../../test/fake-notification-server.ts';
import type { Bus } from '../bus.ts';
import type { ExportedInterface } from '../bus-objects.ts';
import { notificationsTarget, watchNotificationServer } from '../notification-server.ts';
import { busForEachTest } from '../test/bus-for-each-test.ts';
import { variant } from '../variant.ts';
import { createQuietReasons, type QuietEvent } from './quiet-reasons.ts';
import { watchQuiet } from './watch-quiet.ts';

const testBus = busForEachTest();

/** Watches session and system bus, which are the same here. */
function watching(readSetting = async (): Promise<string | undefined> => undefined) {
  const bus = testBus.open();
  const events: string[] = [];
  const asked: string[] = [];
  let look = () => {};
  const server = watchNotificationServer(bus);
  testBus.atEnd(() => server.stop());
  const ports = {
    ...{ session: bus, system: bus, server },
    emit({ kind, reason }: QuietEvent) {
      events.push(`${kind} ${reason}`);
      look();
    },
    readSetting: (schema: string, key: string) => {
      asked.push(`${schema} ${key}`);
      return readSetting();
    },
  };
  const stop = watchQuiet(ports);
  testBus.atEnd(stop);
  const until = (count: number) =>
    new Promise<readonly string[]>((resolve) => {
      look = () => {
        if (events.length >= count) resolve(events);
      };
      look();
    });
  /** Everything that was sent before has been seen. */
  const settled = async () => {
    for (let turn = 0; turn < 12; turn += 1) {
      await bus.call({
        ...{ destination: 'org.freedesktop.DBus', path: '/', interface: 'org.freedesktop.DBus' },
        member: 'GetId',
      });
    }
  };
  return { bus, events, asked, until, settled, stop };
}

async function serve(options: FakeServerOptions) {
  const fake = await startFakeNotificationServer(testBus.daemon.address, options);
  testBus.atEnd(() => fake.stop());
  return fake;
}

/** A property that changes, with its signal. */
function property(from: string, name: string, start: unknown) {
  let value = start;
  const described: ExportedInterface = {
    name: from,
    methods: {},
    properties: { [name]: { signature: 'b', get: () => value } },
  };
  const signal = (bus: Bus, path: string, changed: readonly unknown[], invalid: string[]) =>
    bus.emit({
      ...{ path, interface: 'org.freedesktop.DBus.Properties', member: 'PropertiesChanged' },
      ...{ signature: 'sa{sv}as', body: [from, changed, invalid] },
    });
  return {
    described,
    set(bus: Bus, path: string, next: boolean) {
      value = next;
      signal(bus, path, [[name, variant('b', next)]], []);
    },
    invalidate(bus: Bus, path: string, next: boolean) {
      value = next;
      signal(bus, path, [], [name]);
    },
  };
}

test('a reason begins with the first that gives it and ends with the last', () => {
  const events: QuietEvent[] = [];
  const set = createQuietReasons((event) => events.push(event));
  set('one', 'locked', false);
  set('one', 'locked', true);
  set('two', 'locked', true);
  set('two', 'locked', true);
  set('three', 'do-not-disturb', true);
  set('one', 'locked', false);
  set('one', 'locked', false);
  set('two', 'locked', false);
  expect(events).toEqual([
    { kind: 'quiet', reason: 'locked' },
    { kind: 'quiet', reason: 'do-not-disturb' },
    { kind: 'quiet-over', reason: 'locked' },
  ]);
});

describe('do not disturb', () => {
  const { path } = notificationsTarget;

  test.each([
    ['dunst', 'org.dunstproject.cmd0', 'paused'],
    ['Plasma', 'org.freedesktop.Notifications', 'Inhibited'],
  ])('[P10] of %s is its property, as it stands and as it changes', async (name, from, member) => {
    const quiet = property(from, member, true);
    const fake = await serve({ name, interfaces: [quiet.described] });
    const { until } = watching();
    await until(1);
    quiet.set(fake.bus, path, false);
    await until(2);
    quiet.invalidate(fake.bus, path, true);
    await until(3);
    fake.stop();
    expect(await until(4)).toEqual([
      'quiet do-not-disturb',
      'quiet-over do-not-disturb',
      'quiet do-not-disturb',
      'quiet-over do-not-disturb',
    ]);
  });

  test('a daemon without the property is never quiet, and odd signals do nothing', async () => {
    const fake = await serve({ name: 'dunst' });
    const { events, settled } = watching();
    await settled();
    const changed = {
      ...{ path, interface: 'org.freedesktop.DBus.Properties', member: 'PropertiesChanged' },
    };
    const cmd = 'org.dunstproject.cmd0';
    fake.bus.emit({ ...changed, signature: 's', body: [cmd] });
    fake.bus.emit({ ...changed, signature: 'sas', body: [cmd, ['paused']] });
    fake.bus.emit({
      ...{ ...changed, signature: 'sa{sv}as' },
      body: [cmd, [['paused', variant('s', 'true')]], []],
    });
    await fake.bus.call({
      ...{ destination: 'org.freedesktop.DBus', path: '/', interface: 'org.freedesktop.DBus' },
      member: 'GetId',
    });
    await settled();
    expect(events).toEqual([]);
  });

  test('[P10] of xfce4-notifyd is its property in xfconf, while that daemon shows them', async () => {
    let value: boolean | undefined = true;
    const xfconf = testBus.open();
    const name = 'org.xfce.Xfconf';
    const where = { path: '/org/xfce/Xfconf', interface: name };
    xfconf.exportObject(where.path, [
      {
        name,
        methods: {
          GetProperty: {
            in: 'ss',
            out: 'v',
            run: ([channel, key]) => {
              const isMeant = channel === 'xfce4-notifyd' && key === '/do-not-disturb';
              if (!isMeant || value === undefined) throw new Error('no such property');
              return [variant('b', value)];
            },
          },
        },
      },
    ]);
    await own(xfconf, name);
    const { events, until, settled } = watching();
    const other = await serve({ name: 'mako' });
    await settled();
    expect(events).toEqual([]);
    other.stop();
    await serve({ name: 'Xfce Notify Daemon' });
    await until(1);
    const change = (channel: string, key: string, next: unknown) =>
      xfconf.emit({
        ...{ ...where, member: 'PropertyChanged', signature: 'ssv' },
        body: [channel, key, variant('b', next)],
      });
    change('xfce4-panel', '/do-not-disturb', false);
    change('xfce4-notifyd', '/expire-timeout', false);
    change('xfce4-notifyd', '/do-not-disturb', false);
    await until(2);
    change('xfce4-notifyd', '/do-not-disturb', true);
    await until(3);
    value = undefined;
    xfconf.emit({
      ...{ ...where, member: 'PropertyRemoved', signature: 'ss' },
      body: ['xfce4-notifyd', '/do-not-disturb'],
    });
    expect(await until(4)).toEqual([
      'quiet do-not-disturb',
      'quiet-over do-not-disturb',
      'quiet do-not-disturb',
      'quiet-over do-not-disturb',
    ]);
  });

  test('[P10] of GNOME is read once, and again when it was written', async () => {
    let value = 'false';
    const fake = await serve({ name: 'gnome-shell' });
    const { asked, until, settled } = watching(async () => value);
    await until(1);
    const write = (prefix: string, parts: string[]) =>
      fake.bus.emit({
        ...{ path: '/ca/desrt/dconf/Writer/user', interface: 'ca.desrt.dconf.Writer' },
        ...{ member: 'Notify', signature: 'sass', body: [prefix, parts, 'tag'] },
      });
    write('/org/gnome/desktop/interface/', ['color-scheme']);
    await settled();
    expect(asked).toHaveLength(1);
    value = 'true';
    write('/org/gnome/desktop/notifications/', ['application-children', 'show-banners']);
    await until(2);
    value = 'false';
    write('/org/gnome/desktop/notifications/show-banners', ['']);
    await until(3);
    value = 'true';
    write('/', ['org/gnome/desktop/']);
    expect(await until(4)).toHaveLength(4);
    expect(asked).toEqual(Array(4).fill('org.gnome.desktop.notifications show-banners'));
  });

  test('where GNOME’s setting cannot be read it is not quiet', async () => {
    await serve({ name: 'gnome-shell' });
    const { events, settled } = watching(() => Promise.reject(new Error('no gsettings')));
    await settled();
    expect(events).toEqual([]);
  });
});

describe('a locked screen', () => {
  async function saver(name: string, path: string, isActive: boolean) {
    const bus = testBus.open();
    bus.exportObject(path, [
      { name, methods: { GetActive: { in: '', out: 'b', run: () => [isActive] } } },
    ]);
    await own(bus, name);
    const tell = (active: unknown, signature = 'b') =>
      bus.emit({ path, interface: name, member: 'ActiveChanged', signature, body: [active] });
    return { tell, stop: () => bus.close() };
  }

  test.each([
    ['org.freedesktop.ScreenSaver', '/org/freedesktop/ScreenSaver'],
    ['org.gnome.ScreenSaver', '/org/gnome/ScreenSaver'],
    ['org.xfce.ScreenSaver', '/org/xfce/ScreenSaver'],
    ['org.cinnamon.ScreenSaver', '/org/cinnamon/ScreenSaver'],
  ])('[P10] is told by %s, also when it comes later, and ends with it', async (name, path) => {
    const { until } = watching();
    const screen = await saver(name, path, true);
    await until(1);
    screen.tell(false);
    await until(2);
    screen.tell('x', 's');
    screen.tell(true);
    await until(3);
    screen.stop();
    expect(await until(4)).toEqual([
      ...['quiet locked', 'quiet-over locked'],
      ...['quiet locked', 'quiet-over locked'],
    ]);
  });

  test('two of them that both tell are one reason', async () => {
    const { events, until, settled } = watching();
    const one = await saver('org.gnome.ScreenSaver', '/org/gnome/ScreenSaver', true);
    const two = await saver('org.freedesktop.ScreenSaver', '/org/freedesktop/ScreenSaver', true);
    await until(1);
    await settled();
    one.tell(false);
    await settled();
    expect(events).toEqual(['quiet locked']);
    two.tell(false);
    await until(2);
  });

  test('[P10] is told by logind for our own session', async () => {
    const hint = property('org.freedesktop.login1.Session', 'LockedHint', false);
    const logind = testBus.open();
    const real = '/org/freedesktop/login1/session/_32';
    logind.exportObject('/org/freedesktop/login1/session/auto', [
      {
        name: 'org.freedesktop.login1.Session',
        methods: {},
        properties: { Id: { signature: 's', get: () => '2' } },
      },
    ]);
    logind.exportObject('/org/freedesktop/login1', [
      {
        name: 'org.freedesktop.login1.Manager',
        methods: { GetSession: { in: 's', out: 'o', run: ([id]) => [id === '2' ? real : '/'] } },
      },
    ]);
    logind.exportObject(real, [hint.described]);
    await own(logind, 'org.freedesktop.login1');
    const { events, until, settled } = watching();
    await settled();
    expect(events).toEqual([]);
    const other = property('org.freedesktop.login1.Session', 'LockedHint', false);
    other.set(logind, '/org/freedesktop/login1/session/_31', true);
    await settled();
    expect(events).toEqual([]);
    hint.set(logind, real, true);
    await until(1);
    logind.close();
    expect(await until(2)).toEqual(['quiet locked', 'quiet-over locked']);
  });

  test('a bus that is lost ends it, and it is told again when the bus is back', async () => {
    const { until } = watching();
    const name = 'org.gnome.ScreenSaver';
    await saver(name, '/org/gnome/ScreenSaver', true);
    await until(1);
    await testBus.daemon.restart();
    await until(2);
    await saver(name, '/org/gnome/ScreenSaver', true);
    expect(await until(3)).toEqual(['quiet locked', 'quiet-over locked', 'quiet locked']);
  });

  test('after stopping nothing is told', async () => {
    const { events, stop, settled } = watching();
    stop();
    await saver('org.gnome.ScreenSaver', '/org/gnome/ScreenSaver', true);
    await settled();
    expect(events).toEqual([]);
  });
});
