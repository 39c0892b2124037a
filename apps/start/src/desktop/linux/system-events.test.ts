import { type BusProcess, createFakeClock, type FakeClock, launchBus } from '@telex/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bus, openBus } from './bus.ts';
import { FLURRY_MS, watchSystemEvents } from './system-events.ts';
import { variant } from './variant.ts';

const BUS = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
} as const;

let daemon: BusProcess;
let system: Bus;
let bus: Bus;
let clock: FakeClock;
let hints: number;
let stop: () => void;
beforeEach(async () => {
  daemon = await launchBus();
  system = openBus(daemon.address);
  bus = openBus(daemon.address);
  clock = createFakeClock();
  hints = 0;
  stop = watchSystemEvents({
    bus,
    after: clock.after,
    onHint: () => {
      hints += 1;
    },
  });
  for (const name of ['login1', 'NetworkManager', 'network1']) {
    const body = [`org.freedesktop.${name}`, 0];
    await system.call({ ...BUS, member: 'RequestName', signature: 'su', body });
  }
  await settled();
});
afterEach(async () => {
  stop();
  system.close();
  bus.close();
  await daemon.stop();
});

/** Everything that was on its way has come in. */
async function settled(): Promise<void> {
  for (const each of [system, bus, bus]) await each.call({ ...BUS, member: 'GetId' });
  await new Promise((resolve) => setImmediate(resolve));
}

async function sleeping(isGoing: boolean): Promise<void> {
  system.emit({
    path: '/org/freedesktop/login1',
    interface: 'org.freedesktop.login1.Manager',
    ...{ member: 'PrepareForSleep', signature: 'b', body: [isGoing] },
  });
  await settled();
}

async function changed(path: string, of: string, property: string): Promise<void> {
  system.emit({
    path,
    interface: 'org.freedesktop.DBus.Properties',
    ...{ member: 'PropertiesChanged', signature: 'sa{sv}as' },
    body: [of, [[property, variant('s', 'new')]], []],
  });
  await settled();
}

async function networkState(state: number): Promise<void> {
  system.emit({
    path: '/org/freedesktop/NetworkManager',
    interface: 'org.freedesktop.NetworkManager',
    ...{ member: 'StateChanged', signature: 'u', body: [state] },
  });
  await settled();
}

test('[E1] waking up is a hint, going to sleep is none', async () => {
  await sleeping(true);
  expect(hints).toBe(0);
  await sleeping(false);
  expect(hints).toBe(1);
});

test('[E1] another network is a hint, with NetworkManager and with systemd-networkd', async () => {
  const manager = 'org.freedesktop.NetworkManager';
  await changed('/org/freedesktop/NetworkManager', manager, 'PrimaryConnection');
  expect(hints).toBe(1);
  await clock.advance(FLURRY_MS);
  await changed('/org/freedesktop/network1', 'org.freedesktop.network1.Manager', 'OnlineState');
  expect(hints).toBe(2);
  await clock.advance(FLURRY_MS);
  await changed('/org/freedesktop/NetworkManager', manager, 'WirelessEnabled');
  expect(hints).toBe(2);
});

test('[E2] a flurry is a hint at once and one at its end', async () => {
  for (const state of [20, 40, 50, 60, 70]) await networkState(state);
  expect(hints).toBe(1);
  await clock.advance(FLURRY_MS);
  expect(hints).toBe(2);
  await clock.advance(10 * FLURRY_MS);
  expect(hints).toBe(2);
  expect(clock.pending).toBe(0);
});

test('[E3] a stranger who sends the same signals is not heard', async () => {
  const stranger = openBus(daemon.address);
  stranger.emit({
    path: '/org/freedesktop/login1',
    interface: 'org.freedesktop.login1.Manager',
    ...{ member: 'PrepareForSleep', signature: 'b', body: [false] },
  });
  await stranger.call({ ...BUS, member: 'GetId' });
  await settled();
  expect(hints).toBe(0);
  stranger.close();
});

test('signals of another form are no hint', async () => {
  system.emit({
    path: '/org/freedesktop/NetworkManager',
    interface: 'org.freedesktop.DBus.Properties',
    ...{
      member: 'PropertiesChanged',
      signature: 'su',
      body: ['org.freedesktop.NetworkManager', 7],
    },
  });
  await settled();
  expect(hints).toBe(0);
});

test('[E3] after the bus was restarted hints come again', async () => {
  const back = Promise.withResolvers<void>();
  bus.onState((state) => {
    if (state === 'connected') back.resolve();
  });
  await daemon.restart();
  await back.promise;
  const again = openBus(daemon.address);
  const body = ['org.freedesktop.login1', 0];
  await again.call({ ...BUS, member: 'RequestName', signature: 'su', body });
  await bus.call({ ...BUS, member: 'GetId' });
  again.emit({
    path: '/org/freedesktop/login1',
    interface: 'org.freedesktop.login1.Manager',
    ...{ member: 'PrepareForSleep', signature: 'b', body: [false] },
  });
  await expect.poll(() => hints, { interval: 5 }).toBe(1);
  again.close();
});
