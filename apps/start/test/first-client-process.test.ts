// Faults of the first Telex Start that only show in a process of its own: the port it kept open, and the locale it depended on.
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BusProcess,
  type FakeTelex,
  launchBus,
  launchStart,
  type StartProcess,
  startFakeTelex,
} from '@telex/testkit';
import { type RecordingDesktop, startRecordingDesktop } from '@telex/testkit/recording-desktop';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { credentials } from './test-app.ts';

let folder: string;
let telex: FakeTelex;
let bus: BusProcess;
let desktop: RecordingDesktop;
const starts: StartProcess[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'telex-start-'));
  telex = await startFakeTelex();
  bus = await launchBus();
  desktop = await startRecordingDesktop(bus.address);
});
afterEach(async () => {
  for (const start of starts.splice(0)) await start.kill();
  await desktop.close();
  await bus.stop();
  await telex.close();
  rmSync(folder, { recursive: true, force: true });
});

async function launch(env: NodeJS.ProcessEnv = {}): Promise<StartProcess> {
  const start = await launchStart({
    ...{ server: telex.url, caFile: null, credentials, stateDir: folder, desktop: 'linux' },
    env: { DBUS_SESSION_BUS_ADDRESS: bus.address, ...env },
  });
  starts.push(start);
  await start.live();
  return start;
}

/** Ports on which a process listens, by TCP on any address (Linux; proc(5), /proc/net/tcp). */
function listeningPorts(pid: number): number[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return []; // Closed since the folder was read.
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(inode ?? ''))
      .map(([, local]) => Number.parseInt(local?.split(':')[1] ?? '', 16)),
  );
}

test('signed in, it listens on no port', async () => {
  const start = await launch();
  // The same look at this process, which does listen.
  expect(listeningPorts(process.pid)).toContain(telex.port);
  expect(listeningPorts(start.pid)).toEqual([]);
});

test.each(['C', 'POSIX', 'C.UTF-8'])(
  'under the locale %s names and texts are what they are',
  async (locale) => {
    await launch({ LANG: locale, LC_ALL: locale });
    telex.publish(`org-1/${telex.userId}`, {
      ...{ notification_id: 'push-1', notification_type: 'unread_thread_change' },
      section: 'channels_section',
      data: { name: 'Größe 東京 🎉', text_preview: 'naïve → čeština', thread_id: 'thread-1' },
    });
    await desktop.until(() => desktop.notifies.length > 0);
    const [shown] = desktop.notifies;
    expect(`${shown?.summary} ${shown?.body}`).toContain('Größe 東京 🎉');
    expect(shown?.body).toContain('naïve → čeština');
  },
);
