import { fileURLToPath } from 'node:url';
import { centrifugoCommand, engineCommand } from '@telex/testkit';

type Command = readonly [string, ...string[]];

/** A push server as a program: `<command…> --config FILE`, with a configuration of Centrifugo v6. */
export interface PushTarget {
  readonly name: string;
  readonly command: Command;
}

/** Options of Node that `telex-server` runs with (`apps/server/bin/telex-server.mjs`). */
const NODE_FLAGS = ['--max-semi-space-size=4'];

/** The embedded hub, in a process of its own, with the flags that the server has. */
export const hubTarget: PushTarget = {
  name: 'hub',
  command: [
    process.execPath,
    ...NODE_FLAGS,
    fileURLToPath(new URL('hub-server.ts', import.meta.url)),
  ],
};

/** What the hub is measured against: the engine always, and the real Centrifugo where there is one. */
export async function peerTargets(): Promise<PushTarget[]> {
  const engine = { name: 'engine', command: await engineCommand() };
  const centrifugo = centrifugoCommand();
  return centrifugo === undefined
    ? [engine]
    : [engine, { name: 'Centrifugo', command: centrifugo }];
}
