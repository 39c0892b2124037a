import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  launchServer,
  type PushBehind,
  type PushKind,
  type ServerProcess,
  type ServerReady,
  startPushBehind,
} from '@telex/testkit';
import { UNLIMITED } from './unlimited.ts';

export type KillPart = 'server' | 'push' | 'redis';

/** A `telex-server`, its push server unless that is inside it, and the push server's Redis: parts that can be killed and started again. */
export interface KillSystem {
  readonly ready: ServerReady;
  readonly parts: readonly KillPart[];
  /** SIGKILL to each; resolves when they are gone. */
  kill(parts: readonly KillPart[]): Promise<void>;
  /** Starts them again on the same data and ports, server and push server side by side. */
  revive(parts: readonly KillPart[]): Promise<void>;
  /** Ends everything and removes its data. Idempotent. */
  close(): Promise<void>;
}

export async function startKillSystem(kind: PushKind): Promise<KillSystem> {
  const dataDir = mkdtempSync(join(tmpdir(), 'telex-kill-'));
  let push: PushBehind | undefined;
  let server: ServerProcess | undefined;
  const close = async () => {
    await server?.stop();
    await push?.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    push = kind === 'hub' ? undefined : await startPushBehind(kind, dataDir);
    const options = { dataDir, flags: [...UNLIMITED, ...(push?.flags ?? [])] };
    server = await launchServer({ ...options, demo: true });
    const { ready } = server;
    const port = Number(new URL(ready.url).port);
    const kill = {
      server: () => server?.kill(),
      push: () => push?.server.kill(),
      redis: () => push?.redis?.kill(),
    };
    const revive = {
      server: async () => {
        server = await launchServer({ ...options, port });
      },
      push: () => push?.server.restart(),
      redis: () => push?.redis?.restart(),
    };
    const parts: KillPart[] = ['server'];
    if (push !== undefined) parts.push('push');
    if (push?.redis !== undefined) parts.push('redis');
    return {
      ready,
      parts,
      kill: async (some) => void (await Promise.all(some.map((part) => kill[part]()))),
      async revive(some) {
        // Without its Redis the push server does not start.
        if (some.includes('redis')) await revive.redis();
        const others = some.filter((part) => part !== 'redis');
        await Promise.all(others.map((part) => revive[part]()));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
