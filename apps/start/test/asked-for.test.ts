// What menu and notifications ask for: real session against a scripted server, a desktop that the test acts on.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MenuCommand } from '../src/tray/menu-command.ts';
import { credentials as ann, startTestApp, type TestApp, until } from './test-app.ts';

let started: TestApp;
beforeEach(async () => {
  started = await startTestApp();
});
afterEach(() => started.close());

const choose = (command: MenuCommand) => started.desktop.emit({ kind: 'chosen', command });

let sent = 0;
/** A message that has been shown; gives its bubble. */
async function shown(threadId = 'thread-1'): Promise<string> {
  sent += 1;
  const text = `message ${sent}`;
  started.telex.publish('org-1/user-1', {
    notification_id: `asked-${sent}`,
    notification_type: 'unread_thread_change',
    data: {
      ...{ name: 'general', channels_id: 'channel-1', thread_id: threadId, seq: sent },
      ...{ author_name: 'Bob', text_preview: text },
    },
  });
  await until(() => started.bodies().includes(text));
  return started.desktop.notifications.shown.at(-1)?.bubble ?? '';
}

test('signed out, the dialog opens; signing in there closes it and is remembered', async () => {
  started.app.begin(undefined);
  expect(started.desktop.login.isOpen).toBe(true);
  expect(await started.desktop.login.submit({ ...ann, server: started.telex.url })).toEqual({
    ok: true,
  });
  await until(() => started.status()?.state === 'live' && !started.desktop.login.isOpen);
  await until(() => started.saved.length > 0);
  expect(started.saved).toEqual([{ server: started.telex.url, email: ann.email }]);
});

test('a message offers Open, Mark read and Mute; opening it opens the main app at its thread', async () => {
  await started.live();
  const bubble = await shown();
  expect(started.desktop.notifications.open.get(bubble)?.actions.map(({ label }) => label)).toEqual(
    ['Open', 'Mark read', 'Mute 1 hour'],
  );
  started.desktop.notifications.emit({ kind: 'activated', bubble, action: 'open' });
  expect(started.mainApp.opened).toEqual([
    { organisationId: 'org-1', channelId: 'channel-1', threadId: 'thread-1' },
  ]);
});

test('marking read tells the server up to the message that was shown', async () => {
  await started.live();
  const bubble = await shown('thread-7');
  started.telex.answer('POST /threads/thread-7/read', {
    status: 200,
    body: { data: { thread_id: 'thread-7', read_seq: sent, unread: false } },
  });
  started.desktop.notifications.emit({ kind: 'activated', bubble, action: 'mark-read' });
  const isRead = ({ route }: { route: string }) => route === 'POST /threads/thread-7/read';
  await started.telex.until(() => started.telex.requests.some(isRead));
  expect(started.telex.requests.find(isRead)).toMatchObject({ body: { seq: sent } });
});

test('a mark that the server refuses is told', async () => {
  await started.live();
  const bubble = await shown();
  started.telex.answer('POST /threads/thread-1/read', {
    status: 500,
    body: { code: 'server_error' },
  });
  started.desktop.notifications.emit({ kind: 'activated', bubble, action: 'mark-read' });
  await until(() => started.bodies().includes('The server failed.'));
});

test('[N4] a muted thread is quiet, can be seen in the state, and speaks again when that is taken back', async () => {
  await started.live();
  const bubble = await shown('thread-1');
  started.desktop.notifications.emit({ kind: 'activated', bubble, action: 'mute' });
  expect(started.status()?.muted).toMatchObject([{ label: 'Northwind › general' }]);
  const before = (await started.app.handle({ command: 'status' })) as {
    counts: { dropped: number };
  };
  sent += 1;
  started.telex.publish('org-1/user-1', {
    ...{ notification_id: 'muted', notification_type: 'unread_thread_change' },
    data: { name: 'general', thread_id: 'thread-1', seq: sent, text_preview: 'unheard' },
  });
  await shown('thread-2');
  expect(started.bodies()).not.toContain('unheard');
  expect(await started.app.handle({ command: 'status' })).toMatchObject({
    counts: { dropped: before.counts.dropped + 1 },
  });
  choose({ kind: 'unmute', scope: started.status()?.muted[0]?.scope ?? '' });
  await until(() => started.status()?.muted.length === 0);
  await shown('thread-1');
});

test('a pause is shown with its end, and ends when it is resumed', async () => {
  await started.live();
  choose({ kind: 'pause', length: '1h' });
  await until(() => started.status()?.quiet.includes('paused') === true);
  expect(started.status()?.paused_until_unix_ms).toBeGreaterThan(Date.now() + 3_500_000);
  choose({ kind: 'resume' });
  await until(() => started.status()?.quiet.length === 0);
  expect(started.desktop.notifications.shown).toEqual([]);
  expect(started.status()?.paused_until_unix_ms).toBeUndefined();
});

test('the last notifications are kept with where they lead, and forgotten at logout', async () => {
  await started.live();
  await shown();
  await shown();
  await until(() => started.desktop.facts?.recent.length === 2);
  expect(started.desktop.facts?.recent[0]).toMatchObject({
    title: 'Northwind › general',
    target: { threadId: 'thread-1' },
  });
  choose({ kind: 'logout' });
  await until(() => started.status()?.state === 'signed-out');
  expect(started.desktop.facts?.recent).toEqual([]);
});

test('a test signed out is shown by the desktop alone and says so', async () => {
  started.app.begin(undefined);
  choose({ kind: 'test' });
  await until(() => started.bodies().includes('nobody is signed in'));
});

test('a test that is lost names the hop', async () => {
  await started.live();
  started.telex.answer('POST /users/test-notification', {
    status: 500,
    body: { code: 'server_error' },
  });
  choose({ kind: 'test' });
  await until(() => started.bodies().includes('Lost before it was stored: The server failed.'));
});

test('the main app is opened and closed by the menu, which follows when it is closed by hand', async () => {
  await started.live();
  expect(started.mainApp.server).toBe(started.telex.url);
  choose({ kind: 'open' });
  await until(() => started.desktop.facts?.mainApp.isOpen === true);
  started.mainApp.closeByHand();
  expect(started.desktop.facts?.mainApp.isOpen).toBe(false);
  choose({ kind: 'open' });
  await until(() => started.desktop.facts?.mainApp.isOpen === true);
  choose({ kind: 'close-main-app' });
  await until(() => started.desktop.facts?.mainApp.isOpen === false);
});

test('do-not-disturb of the desktop holds notifications back, and one summary follows', async () => {
  await started.live();
  await shown();
  started.desktop.emit({ kind: 'quiet', reason: 'do-not-disturb' });
  expect(started.status()?.quiet).toEqual(['do-not-disturb']);
  for (const id of ['one', 'two']) {
    started.telex.publish('org-1/user-1', {
      ...{ notification_id: id, notification_type: 'unread_thread_change' },
      data: { name: 'general', thread_id: `quiet-${id}`, text_preview: id },
    });
  }
  await expect
    .poll(() => started.app.handle({ command: 'status' }), { interval: 5 })
    .toMatchObject({ counts: { counted: 2 } });
  started.desktop.emit({ kind: 'quiet-over', reason: 'do-not-disturb' });
  await until(() =>
    started.bodies().includes('2 new in 1 channel (Northwind › general) while it was quiet'),
  );
});

test('Exit ends it, and so does the end of the desktop session', async () => {
  started.app.begin(undefined);
  choose({ kind: 'exit' });
  await started.app.quit;
});

test('what the menu can do the commands can do too', async () => {
  await started.live();
  expect(await started.app.handle({ command: 'pause', length: '30m' })).toMatchObject({
    quiet: ['paused'],
    outcome: expect.stringMatching(/^Notifications are paused until (tomorrow )?\d\d:\d\d\.$/),
  });
  expect(await started.app.handle({ command: 'resume' })).toMatchObject({ quiet: [] });
  await shown();
  expect(await started.app.handle({ command: 'recent' })).toMatchObject({
    notifications: [{ title: 'Northwind › general' }],
  });
  await started.app.handle({ command: 'open', link: 'telex://org/org-1/channel/c/thread/t' });
  expect(started.mainApp.opened).toEqual([
    { organisationId: 'org-1', channelId: 'c', threadId: 't' },
  ]);
  await started.app.handle({ command: 'close' });
  expect(started.mainApp.isOpen).toBe(false);
  await expect(
    started.app.handle({ command: 'open', link: 'https://elsewhere' }),
  ).rejects.toMatchObject({
    code: 'bad_request',
  });
});

test('a pause until tomorrow says the day', async () => {
  await started.live();
  expect(await started.app.handle({ command: 'pause', length: 'tomorrow' })).toMatchObject({
    outcome: expect.stringMatching(/^Notifications are paused until tomorrow 08:00\.$/),
  });
});

test('signed out, a test by command shows a notification of this machine alone, too', async () => {
  await expect(started.app.handle({ command: 'test' })).rejects.toMatchObject({
    code: 'signed_out',
    message: expect.stringContaining('nobody is signed in'),
  });
  expect(started.bodies()).toContain('Shown by this machine alone: nobody is signed in');
});

test('every mute is taken back at once', async () => {
  await started.live();
  for (const threadId of ['thread-1', 'thread-2']) {
    const bubble = await shown(threadId);
    started.desktop.notifications.emit({ kind: 'activated', bubble, action: 'mute' });
  }
  expect(started.status()?.muted).toHaveLength(2);
  expect(await started.app.handle({ command: 'unmute', scope: 'all' })).toMatchObject({
    muted: [],
  });
});
