// Telex Start in this process: real session and terminal adapter, a scripted server, a typed-on keyboard.
import { createSession } from '@telex/client';
import { createNodePorts } from '@telex/client/node';
import { type FakeTelex, startFakeTelex } from '@telex/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { createTerminalDesktop } from '../src/desktop/terminal/terminal-desktop.ts';
import { createFakeInput, createFakeOutput } from '../src/desktop/test/fake-terminal.ts';
import { createFakeMainApp } from '../src/main-app/test/fake-main-app.ts';
import { createMemoryJournal } from '../src/notify/journal.ts';
import { createSessionSwitch } from '../src/session/session-switch.ts';
import { createStartApp } from '../src/session/start-app.ts';

const credentials = { email: 'ann@example.org', password: 'hunter2' };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function startApp(options: { readonly isTerminal?: boolean; readonly server?: string } = {}) {
  const telex = await startFakeTelex();
  closing.push(() => telex.close());
  const { isTerminal = true, server = telex.url } = options;
  const input = createFakeInput(isTerminal);
  const output = createFakeOutput(isTerminal);
  const reports: Readonly<Record<string, unknown>>[] = [];
  const ports = createNodePorts();
  const app = createStartApp({
    session: createSessionSwitch({ origin: server, isLoopbackHttp: true }, ({ origin }) =>
      createSession({ apiUrl: origin, allowLoopbackHttp: true, ports }),
    ),
    desktop: createTerminalDesktop(input, output),
    mainApp: createFakeMainApp(),
    journal: createMemoryJournal(),
    report: { write: (line) => reports.push(line), close: () => {} },
    email: undefined,
    saveKnown: async () => {},
    clock: ports.clock,
  });
  closing.push(() => app.close());
  return { telex, input, output, reports, app };
}

let sent = 0;
function push(telex: FakeTelex, data: object, type = 'unread_thread_change'): void {
  sent += 1;
  telex.publish('org-1/user-1', {
    notification_id: `n-${sent}`,
    notification_type: type,
    section: 'channels_section',
    data,
  });
}

describe('signing in', () => {
  test('the login is asked for, then a message appears with channel, author and text', async () => {
    const { telex, input, output, app } = await startApp();
    app.begin(undefined);
    input.type('ann@example.org\r');
    input.type('hunter2\r');
    await output.until('Live: notifications from Northwind arrive.');
    push(telex, { name: 'general', author_name: 'Bob', text_preview: 'hi', thread_id: 't' });
    await output.until('● Northwind › general\n         Bob: hi');
    expect(output.text()).not.toContain('hunter2');
  });

  test.each([
    [
      { status: 401, body: { code: 'wrong_credentials' } },
      'The e-mail address or the password is wrong.',
    ],
    [
      { status: 429, headers: { 'retry-after': '30' }, body: { code: 'too_many_requests' } },
      'Wait 30 s.',
    ],
    [{ status: 500, body: { code: 'server_error' } }, 'The server failed.'],
    [
      { status: 200, body: '<html>Welcome to the hotel</html>' },
      'On a guest network, open a web page',
    ],
    [{ status: 200, body: { data: { user: { id: 7 } } } }, 'cannot be read'],
  ])('a login answered with %j says what to do and asks again', async (reply, sentence) => {
    const { telex, input, output, app } = await startApp();
    telex.answer('POST /auth/login', reply);
    app.begin(undefined);
    input.type('ann@example.org\rhunter2\r');
    await output.until(sentence);
    await output.until('E-mail [ann@example.org]: ');
    telex.answer('POST /auth/login', undefined);
    input.type('\rhunter2\r');
    await output.until('Live: ');
  });

  test('a server that is not there is told apart from a wrong password', async () => {
    const { input, output, app } = await startApp({ server: 'http://127.0.0.1:9' });
    app.begin(undefined);
    input.type('ann@example.org\rhunter2\r');
    await output.until('The server does not answer.');
  });

  test('someone without an organisation is signed in and told so', async () => {
    const { telex, output, app } = await startApp();
    telex.setOrganisations([]);
    app.begin(credentials);
    await output.until('you belong to no organisation yet');
  });

  test('cancelling only cancels: a command can still sign in, and takes the question away', async () => {
    const { input, output, app } = await startApp();
    app.begin(undefined);
    input.type('\u0003');
    await output.until('Press Enter to sign in');
    const status = await app.handle({ command: 'login', ...credentials });
    expect(status).toMatchObject({ state: 'live', user: { email: 'ann@example.org' } });
    await output.until('Live: ');
    expect(input.isRaw).toBe(false);
  });

  test('Enter brings a cancelled login back', async () => {
    const { input, output, app } = await startApp();
    app.begin(undefined);
    input.type('\u0003');
    await output.until('Press Enter');
    input.type('\r');
    input.type('ann@example.org\rhunter2\r');
    await output.until('Live: ');
  });

  test('without a terminal it says which command signs in', async () => {
    const { output, app } = await startApp({ isTerminal: false });
    app.begin(undefined);
    await output.until('Sign in with: telex-start login');
  });
});

test('signing in as somebody else ends the first session and begins a new one', async () => {
  const { telex, output, app } = await startApp();
  app.begin(credentials);
  await output.until('Live: ');
  const other = { email: 'bob@example.org', password: 'hunter3' };
  const status = await app.handle({ command: 'login', ...other });
  expect(status).toMatchObject({ state: 'live', user: { email: 'bob@example.org' } });
  await telex.until(() => telex.requests.some(({ route }) => route === 'POST /auth/logout'));
  push(telex, { name: 'general', text_preview: 'for Bob', thread_id: 't' });
  await output.until('for Bob');
});

describe('the session ends', () => {
  test('a session that cannot be renewed brings the login back with the reason', async () => {
    const { telex, input, output, app } = await startApp();
    app.begin(credentials);
    await output.until('Live: ');
    telex.answer('POST /auth/refresh', { status: 401, body: { code: 'refresh_invalid' } });
    telex.setOnCommand((command) =>
      'connect' in command ? { error: { code: 109, message: 'token expired' } } : undefined,
    );
    for (const connection of telex.connections) connection.close(3005, 'connection expired');
    await output.until('Your session has expired. Sign in again.');
    await output.until('E-mail [ann@example.org]: ');
    telex.answer('POST /auth/refresh', undefined);
    telex.setOnCommand(undefined);
    const before = output.text().length;
    input.type('\rhunter2\r');
    await output.until('Password (not shown): ');
    await until(() => output.text().slice(before).includes('Live: '));
  });

  test('signing out by command does not open the login, Enter does', async () => {
    const { input, output, app } = await startApp();
    app.begin(credentials);
    await output.until('Live: ');
    expect(await app.handle({ command: 'logout' })).toMatchObject({ state: 'signed-out' });
    await output.until('You are signed out.');
    await output.until('Press Enter to sign in');
    expect(output.text()).not.toContain('E-mail');
    input.type('\r');
    await output.until('E-mail [ann@example.org]: ');
  });

  test('[C3] a second start raises the login of the first', async () => {
    const { input, output, app } = await startApp();
    app.begin(undefined);
    input.type('\u0003');
    await output.until('Press Enter');
    const before = output.text().length;
    await app.handle({ command: 'raise' });
    await until(() => output.text().slice(before).includes('E-mail'));
  });

  test('[C5] the end takes less than a second while the login hangs', async () => {
    const { telex, output, app } = await startApp();
    telex.answer('POST /auth/login', { hang: true });
    app.begin(credentials);
    await output.until('Signing in…');
    const from = performance.now();
    await app.handle({ command: 'exit' });
    await app.quit;
    await app.close();
    expect(performance.now() - from).toBeLessThan(1_000);
  });
});

describe('pushes', () => {
  const hostile = [
    { name: 'General' },
    { description: 'x' },
    { name: null, description: 'x' },
    { name: 42, description: 'x' },
    { name: 'General', description: null },
    'hello',
    [1],
    null,
  ];

  test('the hostile frames that ended the first client are survived, and the next push is shown', async () => {
    const { telex, output, app } = await startApp();
    app.begin(credentials);
    await output.until('Live: ');
    for (const data of hostile) push(telex, data as object);
    for (const { send } of telex.connections) send('1e999');
    push(telex, {
      name: 'general',
      author_name: 'Bob',
      text_preview: 'still here',
      thread_id: 't',
    });
    await output.until('still here');
  });

  test('a name of 20,000 characters is shown cut', async () => {
    const { telex, output, app } = await startApp();
    app.begin(credentials);
    await output.until('Live: ');
    push(telex, { name: 'x'.repeat(20_000), text_preview: 'long', thread_id: 't' });
    await output.until('long');
    expect(output.text()).toMatch(/› x{79}…\n/);
  });

  test('an unknown type is counted and reported, and breaks nothing', async () => {
    const { telex, output, reports, app } = await startApp();
    app.begin(credentials);
    await output.until('Live: ');
    push(telex, { name: 'general' }, 'new_dm');
    push(telex, { name: 'general', text_preview: 'after', thread_id: 't' });
    await output.until('after');
    expect(reports).toContainEqual(
      expect.objectContaining({ kind: 'decision', decision: 'drop', rule: 'N18' }),
    );
  });

  test('1,000 pushes are shown, counted or dropped, with one line each in the report', async () => {
    const { telex, output, reports, app } = await startApp();
    app.begin(credentials);
    await output.until('Live: ');
    // Catching up has ended when the first is shown: until then the client holds pushes back.
    push(telex, { name: 'general', text_preview: 'first', thread_id: 't' });
    await output.until('first');
    for (let number = 0; number < 999; number += 1) {
      push(telex, { name: 'general', text_preview: 'burst', thread_id: `t-${number}` });
    }
    await output.until('996 new in 1 channel (Northwind › general)');
    const status = await app.handle({ command: 'status' });
    expect(status).toMatchObject({
      counts: { received: 1_000, shown: 4, counted: 996, dropped: 0 },
    });
    expect(reports.filter(({ kind }) => kind === 'notification')).toHaveLength(4);
  });
});

describe('the test notification', () => {
  test('signed out it says so', async () => {
    const { app } = await startApp({ isTerminal: false });
    await expect(app.handle({ command: 'test' })).rejects.toMatchObject({ code: 'signed_out' });
  });

  test('a server without that route breaks it at the first hop', async () => {
    const { output, app } = await startApp();
    app.begin(credentials);
    await output.until('Live: ');
    expect(await app.handle({ command: 'test' })).toMatchObject({
      arrived: false,
      broken: 'accepted',
      hops: [],
    });
  });
});

async function until(isSo: () => boolean): Promise<void> {
  await expect.poll(isSo, { timeout: 10_000, interval: 5 }).toBe(true);
}
