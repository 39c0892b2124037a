import dbus from 'dbus-native';
import { afterEach, expect, test } from 'vitest';
import { launchBus } from '../launch-bus.ts';
import { startRecordingDesktop } from './recording-desktop.ts';
import { runTool } from './run-tool.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

test('what is asked for over the bus is noted, with ids, replacing and closing as daemons do it', async () => {
  const bus = await launchBus();
  closing.push(() => bus.stop());
  const desktop = await startRecordingDesktop(bus.address);
  closing.push(() => desktop.close());
  const send = (member: string, ...words: string[]) =>
    runTool(
      'dbus-send',
      [
        ...[
          `--bus=${bus.address}`,
          '--print-reply=literal',
          '--dest=org.freedesktop.Notifications',
        ],
        ...['/org/freedesktop/Notifications', `org.freedesktop.Notifications.${member}`, ...words],
      ],
      { package: 'dbus-daemon', env: process.env },
    );
  expect(String(await send('GetCapabilities'))).toContain('actions');
  expect(String(await send('GetServerInformation'))).toContain('recorder');

  const client = dbus.createClient({ busAddress: bus.address });
  closing.push(() => client.close());
  const notify = (replaces: number, summary: string) =>
    client.invoke({
      ...{ destination: 'org.freedesktop.Notifications', path: '/org/freedesktop/Notifications' },
      ...{ interface: 'org.freedesktop.Notifications', member: 'Notify' },
      ...{ signature: 'susssasa{sv}i', body: ['app', replaces, '', summary, 'text', [], [], -1] },
    });
  const id = Number(await notify(0, 'one'));
  expect(await notify(id, 'two')).toBe(id);
  expect(desktop.notifies.map(({ summary, replaces }) => [summary, replaces])).toEqual([
    ['one', 0],
    ['two', id],
  ]);
  expect([...desktop.open]).toEqual([id]);
  await send('CloseNotification', `uint32:${id}`);
  expect(desktop.open.size).toBe(0);
});
