// Telex Start killed with SIGKILL on a real message bus, with a desktop that lives on and notes down what it is asked for.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ApiCaller,
  type BusProcess,
  chooseSeed,
  createApiCaller,
  launchBus,
  launchServer,
  launchStart,
  type ServerProcess,
  type StartProcess,
  seededRandom,
} from '@telex/testkit';
import { type RecordingDesktop, startRecordingDesktop } from '@telex/testkit/recording-desktop';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

let folder: string;
let server: ServerProcess;
let api: ApiCaller;
let author: string;
let bus: BusProcess;
let desktop: RecordingDesktop;
let stateDir: string;
const starts: StartProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'telex-killed-'));
  server = await launchServer({ dataDir: join(folder, 'server'), demo: true });
  api = createApiCaller(server.ready.url, server.ready.ca_file);
  const { email, password } = demo().accounts[1];
  author = (await api.call('login', { body: { email, password } })).access_token;
});
afterAll(async () => {
  api.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  stateDir = mkdtempSync(join(folder, 'state-'));
  bus = await launchBus();
  desktop = await startRecordingDesktop(bus.address);
});
afterEach(async () => {
  for (const start of starts.splice(0)) await start.kill();
  await desktop.close();
  await bus.stop();
});

function demo() {
  const { demo: accounts } = server.ready;
  if (accounts == null) throw new Error('the server has no demo accounts');
  return accounts;
}

async function launch(): Promise<StartProcess> {
  const [{ email, password }] = demo().accounts;
  const start = await launchStart({
    ...{ server: server.ready.url, caFile: server.ready.ca_file, stateDir, desktop: 'linux' },
    credentials: { email, password },
    env: { DBUS_SESSION_BUS_ADDRESS: bus.address },
  });
  starts.push(start);
  await start.live();
  return start;
}

/** The very first start begins at what is newest; from its end on nothing may be missed. */
async function launchedBefore(): Promise<void> {
  await (await launch()).stop();
}

const post = (content: string, threadId?: string) =>
  api.call('postMessage', {
    params: { channel_id: demo().channel.id },
    token: author,
    body: { content, ...(threadId === undefined ? {} : { thread_id: threadId }) },
  });
const bubblesWith = (text: string) =>
  desktop.notifies.filter(({ body }) => body.endsWith(`: ${text}`)).length;

test('[N15] killed between asking for a notification and the desktop’s answer, it tells of it as doubtful and shows no second one', async () => {
  await launchedBefore();
  const first = await launch();
  bus.freeze();
  const message = await post('asked for');
  // It has asked; nobody can tell whether it will be shown.
  await first.shown([message.id], 10_000);
  await first.kill();
  bus.thaw();
  const second = await launch();
  await desktop.until(() => desktop.notifies.some(({ body }) => body.includes('away')));
  expect(desktop.notifies.at(-1)?.body).toBe(
    '1 unread in 1 channel (Telex demo › general) while you were away; 1 of them may have been shown before',
  );
  expect(bubblesWith('asked for')).toBeLessThanOrEqual(1);
  await second.shown([(await post('the end')).id], 10_000);
  await desktop.until(() => bubblesWith('the end') === 1);
});

test('[J1] [N15] killed at random moments under load, each message is on the desktop at most once and told at least once', async () => {
  const seed = chooseSeed();
  console.log(`kills on the desktop: seed ${seed} (TELEX_SEED repeats it)`);
  const random = seededRandom(seed);
  const posted: { id: string; text: string }[] = [];
  const say = async (threadId?: string) => {
    const text = `message ${posted.length}`;
    const message = await post(text, threadId);
    posted.push({ id: message.id, text });
    return message.thread_id;
  };
  await launchedBefore();
  for (let round = 0; round < 6; round += 1) {
    const start = await launch();
    const kill = delay(random() * 300).then(() => start.kill());
    const thread = await say();
    for (let number = 0; number < 15; number += 1) {
      await say(random() < 0.7 ? thread : undefined);
      await delay(random() * 25);
    }
    await kill;
  }
  const end = await launch();
  await end.shown([(await post('the end')).id], 10_000);
  const lines = starts.flatMap(({ reports }) => reports);
  for (const { id, text } of posted) {
    expect(bubblesWith(text), text).toBeLessThanOrEqual(1);
    expect(lines.filter((line) => line.message_id === id).length, text).toBeGreaterThanOrEqual(1);
  }
});
