import { join } from 'node:path';
import { launchStart, type RealDesktop, type StartProcess } from '@telex/testkit';
import * as v from 'valibot';
import { telexStart } from '../command.ts';
import type { Team } from './team.ts';

export interface StartOnDesktopOptions {
  /** Default: the team's own address. */
  readonly server?: string;
  /** Ana is signed in from the beginning unless this is `nobody`. */
  readonly who?: 'nobody';
  readonly env?: NodeJS.ProcessEnv;
}

/** Telex Start as a process of that desktop session. Whoever launched it ends it. */
export function launchOnDesktop(
  desktop: RealDesktop,
  team: Team,
  options: StartOnDesktopOptions = {},
): Promise<StartProcess> {
  return launchStart({
    server: options.server ?? team.server.ready.url,
    caFile: team.caFile,
    ...(options.who === 'nobody' ? {} : { credentials: team.ana }),
    stateDir: stateFolder(desktop),
    desktop: 'linux',
    env: { ...desktop.env, ...options.env },
  });
}

const statusReply = v.object({
  ok: v.literal(true),
  result: v.looseObject({
    state: v.string(),
    sentence: v.string(),
    unread: v.number(),
    quiet: v.array(v.string()),
  }),
});

/** What `telex-start status --json` says. */
export async function statusOn(desktop: RealDesktop) {
  const { stdout } = await commandOn(desktop, 'status', '--json');
  return v.parse(v.pipe(v.string(), v.parseJson(), statusReply), stdout).result;
}

/** Runs a command of `telex-start` against the one on that desktop. */
export function commandOn(desktop: RealDesktop, ...words: readonly string[]) {
  return telexStart([...words, '--control', stateFolder(desktop)]);
}

function stateFolder({ home }: RealDesktop): string {
  return join(home, 'state');
}
