// Telex Start and the server as processes, with a push server of its own between them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ApiCaller,
  createApiCaller,
  launchServer,
  launchStart,
  type PushBehind,
  type ServerProcess,
  type StartProcess,
  startPushBehind,
} from '@telex/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const RATES = ['--rate-anonymous', 'off', '--rate-user', 'off'];

describe.each([
  { kind: 'engine', where: 'in memory' },
  { kind: 'engine-redis', where: 'on Redis' },
] as const)('with Centrifugo’s engine $where', ({ kind }) => {
  const folder = mkdtempSync(join(tmpdir(), 'telex-push-restart-'));
  const dataDir = join(folder, 'data');
  let push: PushBehind;
  let server: ServerProcess;
  let start: StartProcess;
  let api: ApiCaller;
  let author: string;
  let channelId: string;

  const launch = (port?: number) =>
    launchServer({
      dataDir,
      flags: [...RATES, ...push.flags],
      ...(port === undefined ? { demo: true } : { port }),
    });
  const demo = () => {
    if (server.ready.demo === undefined) throw new Error('the server has no demo accounts');
    return server.ready.demo;
  };

  beforeAll(async () => {
    push = await startPushBehind(kind, dataDir);
    server = await launch();
    api = createApiCaller(server.ready.url, server.ready.ca_file);
    channelId = demo().channel.id;
    const [reader, writer] = demo().accounts;
    const { email, password } = writer;
    author = (await api.call('login', { body: { email, password } })).access_token;
    start = await launchStart({
      server: server.ready.url,
      caFile: server.ready.ca_file,
      credentials: { email: reader.email, password: reader.password },
      stateDir: join(folder, 'start'),
    });
    await start.live();
  }, 120_000);

  afterAll(async () => {
    await start?.stop();
    api?.close();
    await server?.stop();
    await push?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const post = async (content: string) => {
    const params = { channel_id: channelId };
    return (await api.call('postMessage', { params, token: author, body: { content } })).id;
  };
  const decisionsOn = (id: string) =>
    start.reports
      .filter((line) => line.kind === 'decision' && line.message_id === id)
      .map((line) => line.decision);
  /** Shown at once, or counted after a time away: for a summary, or shown then where it is the only one. */
  const isTold = (id: string) =>
    decisionsOn(id).some((decision) => decision === 'show' || decision === 'count');
  const expectOnce = (id: string) => {
    const decisions = decisionsOn(id);
    expect(decisions).toEqual([...new Set(decisions)]);
  };

  test('what is posted while the push server is away is told once it is back', async () => {
    const before = await post('all is up');
    await start.until(() => isTold(before));
    await push.server.kill();
    const missed = await post('nobody pushes this');
    await push.server.restart();
    await start.until(() => isTold(missed));
    const after = await post('everything is back');
    await start.until(() => isTold(after));
    for (const id of [before, missed, after]) expectOnce(id);
  });

  test('with the server gone at the same time, what was posted before is told too', async () => {
    const last = await post('the last one before');
    await Promise.all([push.server.kill(), server.kill()]);
    const port = Number(new URL(server.ready.url).port);
    [server] = await Promise.all([launch(port), push.server.restart()]);
    await start.until(() => isTold(last));
    const after = await post('all of it is back');
    await start.until(() => isTold(after));
    for (const id of [last, after]) expectOnce(id);
  });
});
