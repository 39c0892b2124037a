import { centrifugoCommand, engineCommand, hubCommand } from '@telex/testkit';

type Command = readonly [string, ...string[]];

/** A push server as a program: `<command…> --config FILE`, with a configuration of Centrifugo v6. */
export interface PushTarget {
  readonly name: string;
  readonly command: Command;
}

/** As `apps/hub/bin/telex-hub.mjs` and `apps/server/bin/telex-server.mjs` have it. */
const NODE_FLAGS = ['--max-semi-space-size=4'];

const [node, ...hubWords] = hubCommand;

/** The hub alone in a process, with the whole of what an operator would run. */
export const hubTarget: PushTarget = { name: 'hub', command: [node, ...NODE_FLAGS, ...hubWords] };

/** What the hub is measured against: the engine always, and the real Centrifugo where there is one. */
export async function peerTargets(): Promise<PushTarget[]> {
  const engine = { name: 'engine', command: await engineCommand() };
  const centrifugo = centrifugoCommand();
  return centrifugo === undefined
    ? [engine]
    : [engine, { name: 'Centrifugo', command: centrifugo }];
}
