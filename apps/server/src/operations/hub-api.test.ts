import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readSettings } from '../config/read-settings.ts';
import { serverRig } from '../testing/server-rig.ts';

const KEY = 'the-key-of-the-hubs-api';
const folder = mkdtempSync(join(tmpdir(), 'telex-hub-api-'));
const keyFile = join(folder, 'api.key');
writeFileSync(keyFile, `${KEY}\n`);
afterAll(() => rmSync(folder, { recursive: true }));

it("the hub's API answers on the internal port alone, to whoever shows the key", async () => {
  const rig = await serverRig(['--hub-api-key-file', keyFile]);
  try {
    const ask = (headers: Record<string, string>) =>
      fetch(`${rig.server.internalUrl}/api/info`, { method: 'POST', headers });
    expect((await ask({ 'x-api-key': 'another' })).status).toBe(401);
    const info = await ask({ 'x-api-key': KEY });
    expect(await info.json()).toMatchObject({
      result: { nodes: [{ name: 'telex-server', num_clients: 0 }] },
    });
    const outside = { method: 'POST', url: '/api/info', headers: { 'x-api-key': KEY } } as const;
    expect((await rig.server.app.inject(outside)).statusCode).toBe(404);
    expect((await fetch(`${rig.server.internalUrl}/livez`)).status).toBe(200);
  } finally {
    await rig.close();
  }
});

it('without the setting there is no such API', async () => {
  const rig = await serverRig();
  const asked = await fetch(`${rig.server.internalUrl}/api/info`, { method: 'POST' });
  await rig.close();
  expect(asked.status).toBe(404);
});

it('a key file that is missing or holds no key is told at the start', async () => {
  await expect(serverRig(['--hub-api-key-file', join(folder, 'none')])).rejects.toMatchObject({
    code: 'push_unusable',
    message: expect.stringContaining('is not there'),
  });
  const short = join(folder, 'short.key');
  writeFileSync(short, 'short');
  await expect(serverRig(['--hub-api-key-file', short])).rejects.toMatchObject({
    message: expect.stringMatching(/holds no key/),
  });
});

it('it is for the embedded hub', () => {
  const argv = ['--push', 'centrifugo', '--hub-api-key-file', keyFile];
  const read = readSettings({ argv, env: {}, readFile: () => ({ ok: false, reason: '' }) });
  expect(read).toMatchObject({
    faults: [expect.stringMatching(/^--hub-api-key-file is for the embedded hub/)],
  });
});
