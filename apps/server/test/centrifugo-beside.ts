import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PushServer, type PushServerOptions, startPushServer } from '@telex/testkit';
import { writeCentrifugoConfig } from '../src/push/centrifugo/config-command.ts';
import { settingsOf } from '../src/testing/server-rig.ts';

/** A push server of Centrifugo's protocol that runs with the configuration we write for it. */
export interface CentrifugoBeside {
  readonly dataDir: string;
  readonly push: PushServer;
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
    env: {},
  });
  const { http_server: _chosen, ...config }: Record<string, unknown> = JSON.parse(text);
  const push = await startPushServer({ command, config });
  return {
    dataDir,
    push,
    flags: ['--push', 'centrifugo', '--centrifugo-api', push.apiUrl, ...flags],
    async close() {
      await push.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
