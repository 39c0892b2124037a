// Each examination against the real thing, whole and broken in one way.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BusProcess, issueCertificate, launchBus, startFakeTelex } from '@telex/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { type Bus, openBus } from '../desktop/linux/bus.ts';
import { readEnvironment } from '../environment.ts';
import { StartError } from '../errors.ts';
import { examineDesktop } from './desktop-examination.ts';
import { examine } from './examine.ts';
import { examineFolders } from './folders-examination.ts';
import { examineInstance } from './instance-examination.ts';
import { examineProxy } from './proxy-examination.ts';
import { reportLine, verdictLine } from './render.ts';
import type { Examination, Report } from './report.ts';
import { examineServer } from './server-examination.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function run(examination: Examination): Promise<Report[]> {
  const reports: Report[] = [];
  await examination((report) => reports.push(report));
  return reports;
}
const verdicts = (reports: readonly Report[]) =>
  Object.fromEntries(reports.map(({ check, verdict }) => [check, verdict]));
const sentenceOf = (reports: readonly Report[], check: string) =>
  reports.find((report) => report.check === check)?.sentence;

async function listening(server: HttpServer | NetServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

interface ServerCase {
  readonly ca?: string;
  readonly unixMs?: () => number;
}
const server = (origin: string, { ca, unixMs = Date.now }: ServerCase = {}) =>
  run(
    examineServer({
      server: { origin, isLoopbackHttp: origin.startsWith('http:') },
      ...{ ca, unixMs, limitMs: 2_000 },
    }),
  );

interface CertificateCase {
  readonly name?: string;
  readonly fromMs?: number;
  readonly untilMs?: number;
}

async function tlsServer({ name = '127.0.0.1', ...validity }: CertificateCase = {}) {
  const now = Date.now();
  const year = { fromMs: now - 86_400_000, untilMs: now + 365 * 86_400_000 };
  const { cert, key, ca } = issueCertificate([name], now, { ...year, ...validity });
  const reply = JSON.stringify({ status: 'error', code: 'unauthorised' });
  const port = await listening(
    createTlsServer({ cert, key }, (_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' }).end(reply);
    }),
  );
  return { origin: `https://127.0.0.1:${port}`, ca };
}

describe('the way to the server', () => {
  test('a server with a trusted certificate is in order from name to clock', async () => {
    const { origin, ca } = await tlsServer();
    expect(verdicts(await server(origin, { ca }))).toEqual({
      ...{ server: 'ok', name: 'ok', connection: 'ok', TLS: 'ok' },
      ...{ 'Telex API': 'ok', clock: 'ok' },
    });
  });

  test('without an address that is what fails', async () => {
    const reports = await run(
      examineServer({ server: undefined, ca: undefined, unixMs: Date.now }),
    );
    expect(verdicts(reports)).toEqual({ server: 'failed' });
  });

  test('[D2] a name that nobody knows stops it there, and the rest is skipped', async () => {
    const reports = await server('https://telex.invalid');
    expect(verdicts(reports)).toMatchObject({
      name: 'failed',
      connection: 'skipped',
      TLS: 'skipped',
    });
    expect(sentenceOf(reports, 'name')).toContain('Check the network connection');
    expect(sentenceOf(reports, 'clock')).toBe('Not tried: name failed.');
  });

  test('a closed port is told as that', async () => {
    const reports = await server('https://127.0.0.1:9');
    expect(verdicts(reports)).toMatchObject({ name: 'ok', connection: 'failed' });
    expect(sentenceOf(reports, 'connection')).toContain('Is the server running');
  });

  test('an authority that is not trusted is told with the way out', async () => {
    const { origin } = await tlsServer();
    const reports = await server(origin);
    expect(verdicts(reports)).toMatchObject({ TLS: 'failed', 'Telex API': 'skipped' });
    expect(sentenceOf(reports, 'TLS')).toContain('give its certificate with --ca');
  });

  test('another authority than the one that was given is told apart', async () => {
    const { origin } = await tlsServer();
    const { ca } = issueCertificate(['127.0.0.1'], Date.now());
    expect(sentenceOf(await server(origin, { ca }), 'TLS')).toContain('is not from the authority');
  });

  test('a certificate for another name', async () => {
    const { origin, ca } = await tlsServer({ name: 'elsewhere.example' });
    expect(sentenceOf(await server(origin, { ca }), 'TLS')).toContain('for another name');
  });

  test('a certificate that has expired, and one that soon will', async () => {
    const day = 86_400_000;
    const old = await tlsServer({ fromMs: Date.now() - 9 * day, untilMs: Date.now() - day });
    expect(sentenceOf(await server(old.origin, { ca: old.ca }), 'TLS')).toContain('has expired');
    const soon = await tlsServer({ untilMs: Date.now() + 3.5 * day });
    const reports = await server(soon.origin, { ca: soon.ca });
    expect(verdicts(reports)).toMatchObject({ TLS: 'warning', 'Telex API': 'ok' });
    expect(sentenceOf(reports, 'TLS')).toContain('ends in 3 days');
  });

  test('[D1] a server that takes connections and never answers costs its limit and no more', async () => {
    const port = await listening(createTcpServer());
    const reports = await run(
      examineServer({
        server: { origin: `https://127.0.0.1:${port}`, isLoopbackHttp: false },
        ...{ ca: undefined, unixMs: Date.now, limitMs: 200 },
      }),
    );
    expect(verdicts(reports)).toMatchObject({ connection: 'ok', TLS: 'failed' });
  });

  test('a port that speaks no TLS', async () => {
    const port = await listening(createServer((_request, response) => response.end('hello')));
    const reports = await server(`https://127.0.0.1:${port}`);
    expect(sentenceOf(reports, 'TLS')).toMatch(/does not speak TLS|ended the connection/);
  });

  test.each([
    [200, '<html>Welcome to the hotel</html>', 'sign in there first'],
    [401, '<html>Who are you?</html>', 'sign in there first'],
    [502, '<html>Bad gateway</html>', 'fault of its own (HTTP 502)'],
  ])('an answer of %i and %s is no Telex server at work', async (status, body, why) => {
    const port = await listening(
      createServer((_request, response) => response.writeHead(status).end(body)),
    );
    const reports = await server(`http://127.0.0.1:${port}`);
    expect(verdicts(reports)).toMatchObject({ 'Telex API': 'failed', clock: 'skipped' });
    expect(sentenceOf(reports, 'Telex API')).toContain(why);
  });

  test('a clock that is wrong by an hour is a warning', async () => {
    const { origin, ca } = await tlsServer();
    const reports = await server(origin, { ca, unixMs: () => Date.now() + 3_600_000 });
    expect(verdicts(reports)).toMatchObject({ clock: 'warning' });
    expect(sentenceOf(reports, 'clock')).toMatch(/^This clock is 36\d\d s ahead of/);
  });

  test('the scripted server of the other tests counts as a Telex server', async () => {
    const telex = await startFakeTelex();
    closing.push(() => telex.close());
    telex.answer('GET /profile', { status: 401, body: { code: 'unauthorised' } });
    expect(verdicts(await server(telex.url))).toMatchObject({ 'Telex API': 'ok' });
  });
});

describe('the running Telex Start', () => {
  const status = {
    ...{ state: 'live', sentence: 'Live.', pid: 7, quiet: [] },
    user: { email: 'ann.secret@example.org' },
    organisations: [{ name: 'Acme', state: 'live' }],
  };
  const asking = (answers: Record<'status' | 'test', object>) =>
    run(examineInstance(async ({ command }) => answers[command]));

  test('login, push, organisations and a test notification all the way', async () => {
    const hops = [{ hop: 'shown', ms: 12.4 }];
    const reports = await asking({ status, test: { arrived: true, hops } });
    expect(reports.map(({ check, verdict }) => `${check} ${verdict}`)).toEqual([
      'Telex Start ok',
      'login ok',
      'push ok',
      'organisation ok',
      'test ok',
    ]);
    expect(sentenceOf(reports, 'login')).toBe('Signed in as a•••@example.org.');
  });

  test('a lost test names the hop', async () => {
    const test = { arrived: false, hops: [], broken: 'published', sentence: 'The server failed.' };
    expect(sentenceOf(await asking({ status, test }), 'test')).toBe(
      'A test notification was lost before it was published: The server failed.',
    );
  });

  test('one organisation that is refused is named, and the others stay in order', async () => {
    const organisations = [
      { name: 'Acme', state: 'live' },
      { name: 'Beta', state: 'failed', sentence: 'The server refuses it.' },
    ];
    const reports = await asking({ status: { ...status, organisations }, test: {} });
    const ofOrganisations = reports.filter(({ check }) => check === 'organisation');
    expect(ofOrganisations.map(({ verdict }) => verdict)).toEqual(['ok', 'failed']);
  });

  test('[D4] nobody signed in is a failure that names the command; not running is none', async () => {
    const out = {
      ...status,
      state: 'signed-out',
      sentence: 'You are signed out.',
      user: undefined,
    };
    expect(sentenceOf(await asking({ status: out, test: {} }), 'login')).toBe(
      'You are signed out. Sign in with: telex-start login',
    );
    const reports = await run(
      examineInstance(() => Promise.reject(new StartError('not_running', 'It does not run.'))),
    );
    expect(verdicts(reports)).toEqual({ 'Telex Start': 'skipped' });
  });

  test('an answer of another version is no crash', async () => {
    expect(verdicts(await asking({ status: { odd: true }, test: {} }))).toEqual({
      'Telex Start': 'failed',
    });
  });
});

describe('the desktop', () => {
  async function desktop(prepare: (bus: Bus) => void = () => {}) {
    const daemon: BusProcess = await launchBus();
    closing.push(() => daemon.stop());
    const service = openBus(daemon.address);
    const bus = openBus(daemon.address);
    closing.push(
      () => service.close(),
      () => bus.close(),
    );
    prepare(service);
    return { daemon, service, bus };
  }
  const take = (bus: Bus, name: string) =>
    bus.call({
      ...{ destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus' },
      ...{ interface: 'org.freedesktop.DBus', member: 'RequestName' },
      ...{ signature: 'su', body: [name, 0] },
    });

  test('a bus with nobody on it: no tray and no daemon, each with what to do', async () => {
    const { bus } = await desktop();
    const reports = await run(examineDesktop({ sessionBus: bus, systemBus: bus }));
    expect(verdicts(reports)).toEqual({
      ...{ 'session bus': 'ok', tray: 'warning', notifications: 'failed' },
      'sleep, network': 'warning',
    });
    expect(sentenceOf(reports, 'tray')).toContain('AppIndicator');
  });

  test('who is there is found', async () => {
    const { bus, service } = await desktop();
    await take(service, 'org.kde.StatusNotifierWatcher');
    await take(service, 'org.freedesktop.login1');
    const reports = await run(examineDesktop({ sessionBus: bus, systemBus: bus }));
    expect(verdicts(reports)).toMatchObject({ tray: 'ok', 'sleep, network': 'ok' });
  });

  test('[D1] no bus at all, and one that is frozen, cost little and are told', async () => {
    const { daemon, bus } = await desktop();
    await bus.call({
      ...{ destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus' },
      ...{ interface: 'org.freedesktop.DBus', member: 'GetId' },
    });
    daemon.freeze();
    const options = { systemBus: bus, limitMs: 200 };
    expect(verdicts(await run(examineDesktop({ ...options, sessionBus: bus })))).toMatchObject({
      ...{ 'session bus': 'failed', tray: 'skipped', notifications: 'skipped' },
    });
    expect(
      verdicts(await run(examineDesktop({ ...options, sessionBus: undefined }))),
    ).toMatchObject({ 'session bus': 'failed' });
    daemon.thaw();
  });
});

test('a folder that others can enter is a failure with what to do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'telex-doctor-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const environment = readEnvironment();
  mkdirSync(join(folder, 'control'));
  chmodSync(join(folder, 'control'), 0o755);
  const endpoint = () => ({ address: 'x', folder: join(folder, 'control') });
  const reports = await run(examineFolders(environment, endpoint, join(folder, 'a', 'b')));
  expect(verdicts(reports)).toEqual({ 'control folder': 'failed', 'state folder': 'ok' });
  expect(sentenceOf(reports, 'control folder')).toContain('chmod 700');
});

test('[D3] a proxy variable is named, its value never looked at', async () => {
  const { proxyVariables } = readEnvironment({ HOME: '/h', HTTPS_PROXY: 'http://ann:pw@proxy' });
  const [report] = await run(examineProxy(proxyVariables));
  expect(report).toMatchObject({ verdict: 'warning' });
  expect(report?.sentence).toMatch(/^HTTPS_PROXY is set/);
  expect(JSON.stringify(report)).not.toContain('pw');
});

test('[D1] reports come in the order of the examinations, the slow first one before the fast second', async () => {
  const slow = Promise.withResolvers<void>();
  const order: string[] = [];
  const report = (check: string): Report => ({ check, verdict: 'ok', sentence: '', ms: 0 });
  const all = examine(
    [
      async (tell) => {
        tell(report('first'));
        await slow.promise;
        tell(report('second'));
      },
      async (tell) => tell(report('third')),
    ],
    ({ check }) => order.push(check),
  );
  await Promise.resolve();
  expect(order).toEqual(['first']);
  slow.resolve();
  await all;
  expect(order).toEqual(['first', 'second', 'third']);
});

test('words tell the verdict, and the last line counts', () => {
  const report: Report = { check: 'TLS', verdict: 'failed', sentence: 'It has expired.', ms: 12 };
  expect(reportLine(report)).toBe('✗ FAILED   TLS              It has expired. (12 ms)');
  expect(verdictLine([report, { ...report, verdict: 'ok' }])).toBe(
    '1 of 2 checks failed: begin with the first of them.',
  );
  expect(verdictLine([{ ...report, verdict: 'warning' }])).toBe(
    'Nothing failed; 1 check is worth a look.',
  );
});
