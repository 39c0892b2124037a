import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DelayLine,
  type PushServer,
  type PushServerOptions,
  startDelayLine,
  startPushServer,
} from '@telex/testkit';
import { writeCentrifugoConfig } from '../src/push/centrifugo/config-command.ts';
import { settingsOf } from '../src/testing/server-rig.ts';

/** A push server of Centrifugo's protocol that runs with the configuration we write for it. */
export interface CentrifugoBeside {
  readonly dataDir: string;
  readonly push: PushServer;
  /** Between the two, for the API alone. */
  readonly apiLine: DelayLine;
  /** Settings of a `telex-server` that uses it. */
  readonly flags: readonly string[];
  close(): Promise<void>;
}

/** @param flags further settings, of both programs */
export async function centrifugoBeside(
  command: PushServerOptions['command'],
  flags: readonly string[] = [],
): Promise<CentrifugoBeside> {
  const dataDir = await mkdtemp(join(tmpdir(), 'telex-beside-'));
  const text = writeCentrifugoConfig({
    settings: settingsOf(['--data', dataDir, '--push', 'centrifugo', ...flags]),
    given: { out: '-' },
    nowMs: Date.now(),
    env: {},
  });
  const { http_server: _chosen, ...config }: Record<string, unknown> = JSON.parse(text);
  const push = await startPushServer({ command, config });
  const apiUrl = new URL(push.apiUrl);
  const apiLine = await startDelayLine({ port: Number(apiUrl.port) });
  apiUrl.port = String(apiLine.port);
  return {
    dataDir,
    push,
    apiLine,
    flags: [
      ...['--push', 'centrifugo', '--centrifugo-api', apiUrl.href],
      ...['--centrifugo-socket', push.wsUrl, ...flags],
    ],
    async close() {
      await apiLine.close();
      await push.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
