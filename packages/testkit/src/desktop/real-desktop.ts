import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BusProcess, launchBus } from '../launch-bus.ts';
import type { Part } from './part.ts';
import { openScreen, type Screen } from './screen.ts';
import {
  type Session,
  startDunst,
  startOpenbox,
  startPanel,
  startXfceNotifyd,
  startXfconf,
} from './xfce.ts';
import { startXvfb } from './xvfb.ts';

export interface RealDesktopOptions {
  readonly daemon: 'dunst' | 'xfce4-notifyd' | 'none';
  readonly windowManager?: 'openbox';
}

/** A whole desktop session of real parts on a display and a bus of its own. Whoever started it stops it. */
export interface RealDesktop extends Session {
  readonly screen: Screen;
  /** Parts of the environment of a program that runs in it; nothing of the tester's own session. */
  readonly env: NodeJS.ProcessEnv;
  readonly messageBus: BusProcess;
  readonly panel: Part;
  /** Undefined without one. */
  readonly daemon: Part | undefined;
  /** Kills the bus, which ends most of the rest, and starts all again. */
  restartBus(): Promise<void>;
  /** What the parts wrote, for a failure's message. */
  output(): string;
  /** Ends everything, last started first, and removes its folder. Idempotent. */
  stop(): Promise<void>;
}

export async function startRealDesktop(options: RealDesktopOptions): Promise<RealDesktop> {
  const endings: (() => Promise<unknown> | unknown)[] = [];
  const stop = async () => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  const keep = <Owned extends { stop(): Promise<unknown> }>(part: Owned): Owned => {
    endings.push(() => part.stop());
    return part;
  };
  try {
    const home = mkdtempSync(join(tmpdir(), 'telex-desktop-'));
    endings.push(() => rmSync(home, { recursive: true, force: true, maxRetries: 3 }));
    const xvfb = keep(await startXvfb());
    const messageBus = keep(await launchBus());
    const screen = await openScreen(xvfb.display);
    endings.push(() => screen.close());
    const session: Session = {
      ...{ bus: messageBus.address, screen, home },
      env: sessionEnvironment(home, xvfb.display, messageBus.address),
    };
    const xfconf = keep(await startXfconf(session));
    const manager =
      options.windowManager === undefined ? undefined : keep(await startOpenbox(session));
    const panel = keep(await startPanel(session));
    const daemon = await startDaemon(session, options.daemon);
    if (daemon !== undefined) keep(daemon);
    const parts = [xvfb, xfconf, manager, panel, daemon].filter((part) => part !== undefined);
    return {
      ...{ ...session, messageBus, panel, daemon, stop },
      async restartBus() {
        await messageBus.restart();
        for (const part of [xfconf, panel, daemon]) await part?.restart();
      },
      output: () => parts.map((part) => part.output()).join('\n'),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startDaemon(
  session: Session,
  name: RealDesktopOptions['daemon'],
): Promise<Part | undefined> {
  if (name === 'none') return undefined;
  return await (name === 'dunst' ? startDunst(session) : startXfceNotifyd(session));
}

function sessionEnvironment(home: string, display: string, bus: string): NodeJS.ProcessEnv {
  const folder = (name: string) => {
    mkdirSync(join(home, name), { recursive: true, mode: 0o700 });
    return join(home, name);
  };
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    HOME: home,
    XDG_RUNTIME_DIR: folder('run'),
    XDG_CONFIG_HOME: folder('.config'),
    XDG_CACHE_HOME: folder('.cache'),
    XDG_DATA_HOME: folder('.local/share'),
    XDG_STATE_HOME: folder('.local/state'),
    DISPLAY: display,
    DBUS_SESSION_BUS_ADDRESS: bus,
    // Nobody listens there: an accessibility bus would be searched for in vain.
    NO_AT_BRIDGE: '1',
    XDG_SESSION_TYPE: 'x11',
    WAYLAND_DISPLAY: undefined,
  };
}
