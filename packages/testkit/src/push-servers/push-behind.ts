import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { centrifugoCommand, engineCommand } from './push-commands.ts';
import type { PushKind } from './push-kind.ts';
import { type PushServer, type PushServerConfig, startPushServer } from './push-server.ts';
import { type Redis, startRedis } from './redis.ts';

const TELEX_SERVER = fileURLToPath(
  new URL('../../../../apps/server/src/main.mjs', import.meta.url),
);

/** A push server of its own behind a `telex-server`. Whoever started it closes it. */
export interface PushBehind {
  readonly server: PushServer;
  /** Undefined where history is in the push server's memory. It keeps its data through a restart. */
  readonly redis: Redis | undefined;
  /** What `telex-server` is started with to use it. */
  readonly flags: readonly string[];
  /** Starts one more on the same Redis, on a port of its own. Whoever started it stops it. */
  startNode(): Promise<PushServer>;
  /** Ends it and its Redis. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a push server with the configuration that `telex-server centrifugo-config` writes for this data folder. Rejects with
 * a sentence where the program is missing.
 */
export async function startPushBehind(
  kind: Exclude<PushKind, 'hub'>,
  dataDir: string,
): Promise<PushBehind> {
  const command = kind.startsWith('engine') ? await engineCommand() : realCentrifugo();
  const api = ['--centrifugo-api', `http://127.0.0.1:${await freePort()}`];
  const redis = kind.endsWith('-redis') ? await startRedis({ keepsData: true }) : undefined;
  try {
    const history = redis === undefined ? [] : ['--redis', redis.address];
    const config = await writtenConfig(['--data', dataDir, ...api, ...history]);
    const server = await startPushServer({ command, config });
    return {
      server,
      redis,
      flags: ['--push', 'centrifugo', ...api],
      startNode: () => startPushServer({ command, config: { ...config, http_server: {} } }),
      async close() {
        await server.stop();
        await redis?.close();
      },
    };
  } catch (error) {
    await redis?.close();
    throw error;
  }
}

function realCentrifugo() {
  const command = centrifugoCommand();
  if (command === undefined) {
    throw new Error('centrifugo is missing: put it on the PATH, or name it with CENTRIFUGO_BIN');
  }
  return command;
}

async function writtenConfig(args: readonly string[]): Promise<PushServerConfig> {
  const words = [TELEX_SERVER, 'centrifugo-config', '--out', '-', ...args];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return JSON.parse(stdout);
}
