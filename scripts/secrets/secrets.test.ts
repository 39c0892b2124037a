// Goal R6: tokens and passwords are in no file, log, argument, environment or error text. The real programs are put
// through everything that handles a secret, wrong ways included; then every place they can have left it is searched.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  createApiCaller,
  launchServer,
  launchStart,
  type ServerProcess,
  type StartProcess,
} from '@telex/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesBelow, findSecrets, type Place, visibleOf } from './places.ts';

const folder = mkdtempSync(join(tmpdir(), 'telex-secrets-'));
const dataDir = join(folder, 'data');
const stateDir = join(folder, 'state');
const content = 'a sentence that everyone may read';
const newcomer = 'newcomer@secrets.test';

/** By what it is. The webhook's slug is apart: the database has to know it. */
const secrets = new Map<string, string>();
let slug = '';
let server: ServerProcess;
let start: StartProcess;
/** What the programs could be seen with while they ran, and what the API answered to wrong requests. */
const visible: Place[] = [];
const answers: Place[] = [];

beforeAll(async () => {
  mkdirSync(stateDir, { mode: 0o700 });
  // With every request in the log, which is the worst case.
  server = await launchServer({ dataDir, demo: true, flags: ['--log-level', 'debug'] });
  const { url, ca_file: caFile, demo } = server.ready;
  if (demo === undefined) throw new Error('the server made no demo accounts');
  const [reader, author] = demo.accounts;
  secrets.set("the reader's password", reader.password);
  secrets.set("the author's password", author.password);
  slug = new URL(demo.webhook_url).pathname.split('/').at(-1) ?? '';

  start = await launchStart({ server: url, caFile, credentials: reader, stateDir });
  await start.live();
  visible.push(...visibleOf('telex-server', server.pid), ...visibleOf('telex-start', start.pid));

  const api = createApiCaller(url, caFile);
  const login = await api.call('login', {
    body: { email: author.email, password: author.password },
  });
  note('access token', login.access_token);
  note('notification token', login.notification_token);
  note('refresh token', login.refresh_token);
  const token = login.access_token;
  const refreshed = await api.call('refresh', {
    body: { refresh_token: login.refresh_token ?? '' },
  });
  note('second access token', refreshed.access_token);
  note('second refresh token', refreshed.refresh_token);
  note('connection token', (await api.call('connectionToken', { token })).token);
  for (const { channel, token: one } of (await api.call('subscriptions', { token }))
    .subscriptions) {
    note(`subscription token of ${channel}`, one);
  }
  const posted = await api.call('postMessage', {
    token,
    params: { channel_id: demo.channel.id },
    body: { content },
  });
  await start.shown([posted.id], 10_000);

  const first = note('first password', `first-${crypto.randomUUID()}`);
  const second = note('second password', `second-${crypto.randomUUID()}`);
  const wrong = note('wrong password', `wrong-${crypto.randomUUID()}`);
  await api.call('register', { body: { email: newcomer, password: first } });
  const own = (await api.call('login', { body: { email: newcomer, password: first } }))
    .access_token;
  const body = { old_password: first, new_password: second };
  await api.call('changePassword', { token: own, body });
  const refused = await Promise.all([
    api.raw('login', { body: { email: newcomer, password: wrong } }),
    api.raw('profile', { token: `${token}x` }),
    api.raw('profile', { query: `?access_token=${token}` }),
    api.raw('refresh', { body: { refresh_token: login.refresh_token?.slice(1) ?? '' } }),
  ]);
  answers.push(
    ...refused.map(({ status, body }) => ({
      name: `a reply ${status}`,
      bytes: Buffer.from(JSON.stringify(body)),
    })),
    await postBroken(`${url}/api/v1/auth/login`, caFile, `{"password":"${wrong}","email":`),
    await postBroken(demo.webhook_url, caFile, '{"event_name":'),
  );
  await api.call('logout', { token: refreshed.access_token });
  api.close();
});

afterAll(async () => {
  await start?.kill();
  await server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

function note(what: string, secret: string | undefined): string {
  if (secret === undefined) throw new Error(`there was no ${what}`);
  secrets.set(what, secret);
  return secret;
}

/** Posts a body that is no JSON, which an error text might quote. */
async function postBroken(url: string, caFile: string | null, body: string): Promise<Place> {
  const options: RequestOptions = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...(caFile === null ? {} : { ca: readFileSync(caFile) }),
  };
  return new Promise((resolve, reject) => {
    request(url, options, (response) => {
      text(response).then(
        (reply) => resolve({ name: `a reply to broken JSON`, bytes: Buffer.from(reply) }),
        reject,
      );
    })
      .on('error', reject)
      .end(body);
  });
}

function logs(): Place[] {
  return [
    { name: "telex-server's log", bytes: Buffer.from(server.log()) },
    { name: "telex-start's output", bytes: Buffer.from(start.output()) },
    { name: "telex-start's reports", bytes: Buffer.from(JSON.stringify(start.reports)) },
  ];
}

test('the search finds what is there: the message in the data, the flags in the arguments', () => {
  const everyone = new Map([
    ['the message', content],
    ['the address', newcomer],
    ['a flag', '--data'],
  ]);
  const found = findSecrets([...filesBelow(dataDir), ...visible], everyone).join('\n');
  expect(found).toContain('the message in ');
  expect(found).toContain('the address in ');
  expect(found).toContain('a flag in arguments of telex-server');
  expect(secrets.size).toBeGreaterThan(10);
});

test('no token and no password is in a file while the programs run', () => {
  const places = filesBelow(folder);
  expect(places.length).toBeGreaterThan(2);
  expect(findSecrets(places, secrets)).toEqual([]);
});

test('none is in an argument or an environment', () => {
  expect(findSecrets(visible, secrets)).toEqual([]);
});

test("none is in a reply to a wrong request, and neither is the webhook's slug", () => {
  expect(answers.length).toBe(6);
  expect(findSecrets(answers, new Map([...secrets, ["the webhook's slug", slug]]))).toEqual([]);
});

test("none is in a log or a file after both have ended, and the webhook's slug is in no log", async () => {
  await start.stop();
  await server.stop();
  expect(server.log().length).toBeGreaterThan(0);
  expect(findSecrets(filesBelow(folder), secrets)).toEqual([]);
  expect(findSecrets(logs(), new Map([...secrets, ["the webhook's slug", slug]]))).toEqual([]);
});
