// What menu and notifications ask for: real session against a scripted server, a desktop that the test acts on.
import { createSession } from '@telex/client';
import { createNodePorts } from '@telex/client/node';
import { type FakeTelex, startFakeTelex } from '@telex/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFakeDesktop, type FakeDesktop } from '../src/desktop/test/fake-desktop.ts';
import { createFakeMainApp, type FakeMainApp } from '../src/main-app/test/fake-main-app.ts';
import { createMemoryJournal } from '../src/notify/journal.ts';
import { createSessionSwitch } from '../src/session/session-switch.ts';
import { createStartApp, type StartApp } from '../src/session/start-app.ts';
import type { MenuCommand } from '../src/tray/menu-command.ts';

const ann = { email: 'ann@example.org', password: 'hunter2' };

let telex: FakeTelex;
let desktop: FakeDesktop;
let mainApp: FakeMainApp;
let app: StartApp;
let saved: object[];
beforeEach(async () => {
  telex = await startFakeTelex();
  desktop = createFakeDesktop();
  mainApp = createFakeMainApp();
  saved = [];
  const ports = createNodePorts();
  const server = { origin: telex.url, isLoopbackHttp: true };
  app = createStartApp({
    session: createSessionSwitch(server, ({ origin }) =>
      createSession({ apiUrl: origin, allowLoopbackHttp: true, ports }),
    ),
    ...{ desktop, mainApp, clock: ports.clock, email: undefined },
    journal: createMemoryJournal(),
    report: { write: () => {}, close: () => {} },
    saveKnown: async (known) => void saved.push(known),
  });
});
afterEach(async () => {
  await app.close();
  await telex.close();
});

const until = (isSo: () => boolean) =>
  expect.poll(isSo, { timeout: 10_000, interval: 5 }).toBe(true);
const status = () => desktop.facts?.status;
const choose = (command: MenuCommand) => desktop.emit({ kind: 'chosen', command });
const bodies = () => desktop.notifications.shown.map(({ body }) => body).join('\n');

async function live(): Promise<void> {
  app.begin(ann);
  await until(() => status()?.state === 'live');
}

let sent = 0;
/** A message that has been shown; gives its bubble. */
async function shown(threadId = 'thread-1'): Promise<string> {
  sent += 1;
  const text = `message ${sent}`;
  telex.publish('org-1/user-1', {
    notification_id: `asked-${sent}`,
    notification_type: 'unread_thread_change',
    data: {
      ...{ name: 'general', channels_id: 'channel-1', thread_id: threadId, seq: sent },
      ...{ author_name: 'Bob', text_preview: text },
    },
  });
  await until(() => bodies().includes(text));
  return desktop.notifications.shown.at(-1)?.bubble ?? '';
}

test('signed out, the dialog opens; signing in there closes it and is remembered', async () => {
  app.begin(undefined);
  expect(desktop.login.isOpen).toBe(true);
  expect(await desktop.login.submit({ ...ann, server: telex.url })).toEqual({ ok: true });
  await until(() => status()?.state === 'live' && !desktop.login.isOpen);
  await until(() => saved.length > 0);
  expect(saved).toEqual([{ server: telex.url, email: ann.email }]);
});

test('a message offers Open, Mark read and Mute; opening it opens the main app at its thread', async () => {
  await live();
  const bubble = await shown();
  expect(desktop.notifications.open.get(bubble)?.actions.map(({ label }) => label)).toEqual([
    'Open',
    'Mark read',
    'Mute 1 hour',
  ]);
  desktop.notifications.emit({ kind: 'activated', bubble, action: 'open' });
  expect(mainApp.opened).toEqual([
    { organisationId: 'org-1', channelId: 'channel-1', threadId: 'thread-1' },
  ]);
});

test('marking read tells the server up to the message that was shown', async () => {
  await live();
  const bubble = await shown('thread-7');
  telex.answer('POST /threads/thread-7/read', {
    status: 200,
    body: { data: { thread_id: 'thread-7', read_seq: sent, unread: false } },
  });
  desktop.notifications.emit({ kind: 'activated', bubble, action: 'mark-read' });
  const isRead = ({ route }: { route: string }) => route === 'POST /threads/thread-7/read';
  await telex.until(() => telex.requests.some(isRead));
  expect(telex.requests.find(isRead)).toMatchObject({ body: { seq: sent } });
});

test('a mark that the server refuses is told', async () => {
  await live();
  const bubble = await shown();
  telex.answer('POST /threads/thread-1/read', { status: 500, body: { code: 'server_error' } });
  desktop.notifications.emit({ kind: 'activated', bubble, action: 'mark-read' });
  await until(() => bodies().includes('The server failed.'));
});

test('[N4] a muted thread is quiet, can be seen in the state, and speaks again when that is taken back', async () => {
  await live();
  const bubble = await shown('thread-1');
  desktop.notifications.emit({ kind: 'activated', bubble, action: 'mute' });
  expect(status()?.muted).toMatchObject([{ label: 'Northwind › general' }]);
  const before = (await app.handle({ command: 'status' })) as { counts: { dropped: number } };
  sent += 1;
  telex.publish('org-1/user-1', {
    ...{ notification_id: 'muted', notification_type: 'unread_thread_change' },
    data: { name: 'general', thread_id: 'thread-1', seq: sent, text_preview: 'unheard' },
  });
  await shown('thread-2');
  expect(bodies()).not.toContain('unheard');
  expect(await app.handle({ command: 'status' })).toMatchObject({
    counts: { dropped: before.counts.dropped + 1 },
  });
  choose({ kind: 'unmute', scope: status()?.muted[0]?.scope ?? '' });
  await until(() => status()?.muted.length === 0);
  await shown('thread-1');
});

test('a pause is shown with its end, and ends when it is resumed', async () => {
  await live();
  choose({ kind: 'pause', length: '1h' });
  await until(() => status()?.quiet.includes('paused') === true);
  expect(status()?.paused_until_unix_ms).toBeGreaterThan(Date.now() + 3_500_000);
  choose({ kind: 'resume' });
  await until(() => status()?.quiet.length === 0);
  expect(status()?.paused_until_unix_ms).toBeUndefined();
});

test('the last notifications are kept with where they lead, and forgotten at logout', async () => {
  await live();
  await shown();
  choose({ kind: 'pause', length: '30m' });
  await until(() => (desktop.facts?.recent.length ?? 0) > 0);
  expect(desktop.facts?.recent[0]).toMatchObject({
    title: 'Northwind › general',
    target: { threadId: 'thread-1' },
  });
  choose({ kind: 'logout' });
  await until(() => status()?.state === 'signed-out');
  expect(desktop.facts?.recent).toEqual([]);
});

test('a test signed out is shown by the desktop alone and says so', async () => {
  app.begin(undefined);
  choose({ kind: 'test' });
  await until(() => bodies().includes('nobody is signed in'));
});

test('a test that is lost names the hop', async () => {
  await live();
  telex.answer('POST /users/test-notification', { status: 500, body: { code: 'server_error' } });
  choose({ kind: 'test' });
  await until(() => bodies().includes('Lost before it was stored: The server failed.'));
});

test('the main app is opened and closed by the menu, which follows when it is closed by hand', async () => {
  await live();
  expect(mainApp.server).toBe(telex.url);
  choose({ kind: 'open' });
  await until(() => desktop.facts?.mainApp.isOpen === true);
  mainApp.closeByHand();
  expect(desktop.facts?.mainApp.isOpen).toBe(false);
  choose({ kind: 'open' });
  await until(() => desktop.facts?.mainApp.isOpen === true);
  choose({ kind: 'close-main-app' });
  await until(() => desktop.facts?.mainApp.isOpen === false);
});

test('do-not-disturb of the desktop holds notifications back, and one summary follows', async () => {
  await live();
  await shown();
  desktop.emit({ kind: 'quiet', reason: 'do-not-disturb' });
  expect(status()?.quiet).toEqual(['do-not-disturb']);
  for (const id of ['one', 'two']) {
    telex.publish('org-1/user-1', {
      ...{ notification_id: id, notification_type: 'unread_thread_change' },
      data: { name: 'general', thread_id: `quiet-${id}`, text_preview: id },
    });
  }
  await expect
    .poll(() => app.handle({ command: 'status' }), { interval: 5 })
    .toMatchObject({ counts: { counted: 2 } });
  desktop.emit({ kind: 'quiet-over', reason: 'do-not-disturb' });
  await until(() =>
    bodies().includes('2 new in 1 channel (Northwind › general) while it was quiet'),
  );
});

test('Exit ends it, and so does the end of the desktop session', async () => {
  app.begin(undefined);
  choose({ kind: 'exit' });
  await app.quit;
});

test('what the menu can do the commands can do too', async () => {
  await live();
  expect(await app.handle({ command: 'pause', length: '30m' })).toMatchObject({
    quiet: ['paused'],
    outcome: expect.stringMatching(/^Notifications are paused until \d\d:\d\d\.$/),
  });
  expect(await app.handle({ command: 'resume' })).toMatchObject({ quiet: [] });
  await shown();
  expect(await app.handle({ command: 'recent' })).toMatchObject({
    notifications: [{ title: 'Northwind › general' }],
  });
  await app.handle({ command: 'open', link: 'telex://org/org-1/channel/c/thread/t' });
  expect(mainApp.opened).toEqual([{ organisationId: 'org-1', channelId: 'c', threadId: 't' }]);
  await app.handle({ command: 'close' });
  expect(mainApp.isOpen).toBe(false);
  await expect(app.handle({ command: 'open', link: 'https://elsewhere' })).rejects.toMatchObject({
    code: 'bad_request',
  });
});

test('every mute is taken back at once', async () => {
  await live();
  for (const threadId of ['thread-1', 'thread-2']) {
    const bubble = await shown(threadId);
    desktop.notifications.emit({ kind: 'activated', bubble, action: 'mute' });
  }
  expect(status()?.muted).toHaveLength(2);
  expect(await app.handle({ command: 'unmute', scope: 'all' })).toMatchObject({ muted: [] });
});
