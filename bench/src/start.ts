import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createApiCaller,
  type FakeTelex,
  launchBus,
  launchServer,
  launchStart,
  type StartOptions,
  startFakeTelex,
} from '@telex/testkit';
import { type RecordingDesktop, startRecordingDesktop } from '@telex/testkit/recording-desktop';
import { cpuMicros, memoryMb } from './process-figures.ts';
import type { Report } from './report.ts';
import { bareNodeStartMs, idleNode, type Program, preparePrograms } from './start/programs.ts';
import { statusDelayMs } from './start/status-delay.ts';
import { wakeups } from './start/wakeups.ts';
import { median, percentile, significant } from './stats.ts';

const STARTS = 11;
const ORGANISATIONS = 10;
const SETTLE_MS = 10_000;
const SINGLE_PUSHES = 200;
const BURST = 1_000;
const BURST_PACE_MS = 10;
/** V8 looks every 8 s whether there is memory to give back, and stops looking after about four minutes. */
const LONG_IDLE_MS = 300_000;
const IDLE_MS = 60_000;
const CREDENTIALS = { email: 'ann@bench.telex.example', password: 'a password of this benchmark' };

/** What the first client took, measured on a machine of the same kind. */
const FIRST = {
  trayMs: 76,
  pushMs: 5.5,
  pssMb: 26.5,
  ussMb: 24.5,
  burstMb: 85,
  burstCpuS: 21,
  wakeups: 60,
} as const;

/** S9 to S12: Telex Start on a desktop that notes down what it is asked for, on a real message bus. */
export async function run(report: Report): Promise<void> {
  // Where it is set, every Node reads those certificates at its start: no part of what is measured.
  delete process.env.NODE_EXTRA_CA_CERTS;
  const programs = preparePrograms();
  const bus = await launchBus();
  const desktop = await startRecordingDesktop(bus.address);
  const telex = await startFakeTelex({
    organisations: Array.from({ length: ORGANISATIONS }, (_, index) => ({
      ...{ id: `org-${index + 1}`, name: `Organisation ${index + 1}` },
    })),
  });
  const rig: Rig = { bus: bus.address, desktop, telex, report };
  try {
    const bare = await times(STARTS, bareNodeStartMs);
    report.note(`a bare Node starts in ${bare.map((ms) => ms.toFixed(0)).join(' ')} ms`);
    for (const program of [programs.sources, programs.installed]) {
      await measureStart(rig, program, median(bare));
    }
    await measurePushes(rig, programs.installed);
    await measureIdle(rig, programs.installed);
  } finally {
    await telex.close();
    await desktop.close();
    await bus.stop();
    programs.close();
  }
}

interface Rig {
  readonly bus: string;
  readonly desktop: RecordingDesktop;
  readonly telex: FakeTelex;
  readonly report: Report;
}

/** Runs Telex Start for as long as `use` takes. */
async function using<Result>(
  rig: Rig,
  { command, env }: Program,
  use: (start: Awaited<ReturnType<typeof launchStart>>, folder: string) => Promise<Result>,
  server: Partial<StartOptions> = {},
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'telex-bench-state-'));
  rig.desktop.forget();
  const start = await launchStart({
    ...{ server: rig.telex.url, caFile: null, credentials: CREDENTIALS },
    ...{ stateDir: folder, desktop: 'linux' },
    env: { ...env, DBUS_SESSION_BUS_ADDRESS: rig.bus },
    ...(command === undefined ? {} : { command }),
    ...server,
  });
  try {
    return await use(start, folder);
  } finally {
    await start.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureStart(rig: Rig, program: Program, bareMs: number): Promise<void> {
  const once = () =>
    using(rig, program, async (start) => {
      await rig.desktop.until(() => rig.desktop.trayIcons.length > 0);
      const [icon] = rig.desktop.trayIcons;
      await start.live();
      return (icon?.atMs ?? Number.NaN) - start.startedAtMs;
    });
  // The first fills the compile cache, as it does once for everybody.
  const first = await once();
  const taken = await times(STARTS, once);
  rig.report.note(
    `${program.name}: first ${first.toFixed(0)} ms, then ${taken.map((ms) => ms.toFixed(0)).join(' ')} ms`,
  );
  rig.report.figure({
    id: 'S9',
    what: `process start → tray icon registered, ${program.name}, compile cache warm, median of ${STARTS}`,
    value: significant(median(taken)),
    unit: 'ms',
    goal: { kind: 'at-most', value: FIRST.trayMs },
    peer: { 'first client': FIRST.trayMs, 'bare Node 24 in the same run': significant(bareMs) },
  });
}

async function measurePushes(rig: Rig, program: Program): Promise<void> {
  const { telex, desktop, report } = rig;
  await using(rig, program, async (start, folder) => {
    await start.live();
    // One thread's bubble is replaced, which no burst rule delays.
    const taken: number[] = [];
    for (let number = 0; number < SINGLE_PUSHES; number += 1) {
      const before = desktop.notifies.length;
      const from = performance.timeOrigin + performance.now();
      push(telex, `single-${number}`, 'the same thread');
      await desktop.until(() => desktop.notifies.length > before);
      taken.push((desktop.notifies.at(-1)?.atMs ?? Number.NaN) - from);
      await delay(20);
    }
    const settled = taken.slice(SINGLE_PUSHES / 10);
    for (const [name, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      report.figure({
        id: 'S2',
        what: `push sent → Notify called on the bus, no round trip, no TLS, ${name}`,
        value: significant(percentile(settled, share)),
        unit: 'ms',
        goal: { kind: 'info', text: '' },
        peer: { 'first client, push → window': FIRST.pushMs },
      });
    }
    await measureBurst(rig, start.pid, folder);
  });
}

/** S11. */
async function measureBurst(
  { telex, desktop, report }: Rig,
  pid: number,
  folder: string,
): Promise<void> {
  await delay(SETTLE_MS);
  const before = memoryMb(pid);
  const cpuBefore = cpuMicros(pid);
  const asked = desktop.notifies.length;
  const answers: Promise<number>[] = [];
  let most = 0;
  const from = performance.now();
  for (let number = 0; number < BURST; number += 1) {
    push(telex, `burst-${number}`, `thread ${number}`);
    if (number % 25 === 0) {
      answers.push(statusDelayMs(folder));
      most = Math.max(most, memoryMb(pid).anonymous);
    }
    const due = from + (number + 1) * BURST_PACE_MS;
    await delay(Math.max(0, due - performance.now()));
  }
  const slowest = Math.max(...(await Promise.all(answers)));
  await delay(3_000);
  const cpu = (cpuMicros(pid) - cpuBefore) / 1e6;
  await delay(SETTLE_MS);
  const after = memoryMb(pid).anonymous;
  report.figure({
    id: 'S11',
    what: `1,000 pushes in 10 s: anonymous memory, most during it over before (${(after - before.anonymous).toFixed(1)} MB ten seconds after)`,
    value: significant(most - before.anonymous),
    unit: 'MB',
    goal: { kind: 'at-most', value: 5 },
    peer: { 'first client': FIRST.burstMb },
  });
  report.figure({
    id: 'S11',
    what: `the same: CPU, Notify called ${desktop.notifies.length - asked} times`,
    value: significant(cpu),
    unit: 's',
    goal: { kind: 'at-most', value: 1 },
    peer: { 'first client': FIRST.burstCpuS },
  });
  report.figure({
    id: 'S11',
    what: 'the same: slowest answer to `status` meanwhile',
    value: significant(slowest),
    unit: 'ms',
    goal: { kind: 'at-most', value: 100 },
  });
}

/** S10 and S12, with the real server over TLS. */
async function measureIdle(rig: Rig, program: Program): Promise<void> {
  const { report } = rig;
  const dataDir = mkdtempSync(join(tmpdir(), 'telex-bench-'));
  const server = await launchServer({ dataDir, flags: ['--rate-user', 'off'] });
  const api = createApiCaller(server.ready.url, server.ready.ca_file);
  try {
    await api.call('register', { body: { ...CREDENTIALS, username: 'ann' } });
    const { access_token: token } = await api.call('login', { body: CREDENTIALS });
    for (let number = 1; number <= ORGANISATIONS; number += 1) {
      await api.call('createOrganisation', { token, body: { name: `Organisation ${number}` } });
    }
    const target = { server: server.ready.url, caFile: server.ready.ca_file };
    await using(
      rig,
      program,
      async (start) => {
        await start.live();
        const bare = idleNode();
        report.note(`idle for ${(LONG_IDLE_MS + IDLE_MS) / 60_000} minutes`);
        await delay(SETTLE_MS);
        const [early, bareEarly] = [memoryMb(start.pid), memoryMb(bare.pid)];
        tellMemory(report, early, bareEarly, `${SETTLE_MS / 1000} s idle`);
        await delay(LONG_IDLE_MS - SETTLE_MS);
        const [late, bareLate] = [memoryMb(start.pid), memoryMb(bare.pid)];
        tellMemory(report, late, bareLate, `${LONG_IDLE_MS / 60_000} minutes idle`);
        bare.end();
        const wokenBefore = wakeups(start.pid);
        const cpuBefore = cpuMicros(start.pid);
        await delay(IDLE_MS);
        const cpuMs = (cpuMicros(start.pid) - cpuBefore) / 1000;
        report.figure({
          id: 'S12',
          what: `wake-ups in a minute, idle and connected, all threads (CPU ${cpuMs.toFixed(0)} ms)`,
          value: wakeups(start.pid) - wokenBefore,
          unit: 'wake-ups',
          goal: { kind: 'at-most', value: 4 },
          peer: { 'first client': FIRST.wakeups },
        });
      },
      target,
    );
  } finally {
    api.close();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function tellMemory(
  report: Report,
  memory: ReturnType<typeof memoryMb>,
  bare: ReturnType<typeof memoryMb>,
  when: string,
): void {
  const where = `logged in with ${ORGANISATIONS} organisations over TLS, ${when}`;
  report.figure({
    id: 'S10',
    what: `anonymous memory, ${where} (RSS ${memory.rss.toFixed(0)} MB)`,
    value: significant(memory.anonymous),
    unit: 'MB',
    goal: { kind: 'at-most', value: 16 },
    peer: {
      'first client, USS': FIRST.ussMb,
      'bare Node 24 in the same run': significant(bare.anonymous),
    },
  });
  report.figure({
    id: 'S10',
    what: `PSS as a multiple of a bare Node 24 in the same run (${memory.pss.toFixed(0)} MB), ${where}`,
    value: significant(memory.pss / bare.pss),
    unit: '×',
    goal: { kind: 'at-most', value: 1.25 },
    peer: { 'first client, MB': FIRST.pssMb },
  });
}

let pushes = 0;
function push(telex: FakeTelex, text: string, threadId: string): void {
  pushes += 1;
  telex.publish(`org-1/${telex.userId}`, {
    notification_id: `bench-${pushes}`,
    notification_type: 'unread_thread_change',
    section: 'channels_section',
    data: {
      ...{ name: 'general', channels_id: 'channel-1', thread_id: threadId, author_name: 'Bob' },
      text_preview: text,
    },
  });
}

async function times<Value>(count: number, once: () => Promise<Value>): Promise<Value[]> {
  const values: Value[] = [];
  for (let round = 0; round < count; round += 1) values.push(await once());
  return values;
}
