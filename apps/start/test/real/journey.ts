import { join } from 'node:path';
import { type RealDesktop, type StartProcess, startRealDesktop } from '@telex/testkit';
import { type BubblesOnScreen, type DaemonName, watchBubbles } from './bubbles-on-screen.ts';
import { type DialogOnScreen, watchDialog } from './dialog-on-screen.ts';
import { createRecordedMainApp, type RecordedMainApp } from './recorded-main-app.ts';
import { launchOnDesktop } from './start-on-desktop.ts';
import { openTeam, type Team } from './team.ts';
import { type TrayOnScreen, watchTray } from './tray-on-screen.ts';
import { pathWithChromium } from './wrapped-chromium.ts';

/** A server with people, a desktop of real parts, and Telex Start on it. Whoever began it ends it. */
export interface Journey {
  readonly desktop: RealDesktop;
  readonly team: Team;
  readonly tray: TrayOnScreen;
  readonly dialog: DialogOnScreen;
  readonly bubbles: BubblesOnScreen;
  readonly mainApp: RecordedMainApp;
  readonly start: StartProcess;
  /** How the panel looked before. */
  readonly emptyIcon: Buffer;
  end(): Promise<void>;
}

export async function beginJourney(daemon: DaemonName): Promise<Journey> {
  const endings: (() => unknown)[] = [];
  const end = async () => {
    for (const each of endings.splice(0).reverse()) await each();
  };
  try {
    const [desktop, team] = await Promise.all([startRealDesktop({ daemon }), openTeam()]);
    endings.push(desktop.stop, team.close);
    const tray = watchTray(desktop);
    endings.push(tray.close);
    const emptyIcon = await tray.icon();
    const bubbles = await watchBubbles(desktop, daemon);
    endings.push(bubbles.close);
    const mainApp = createRecordedMainApp(join(desktop.home, 'main-app'));
    endings.push(() => mainApp.pid !== undefined && process.kill(mainApp.pid, 'SIGKILL'));
    const start = await launchOnDesktop(desktop, team, {
      who: 'nobody',
      env: {
        PATH: pathWithChromium(join(desktop.home, 'bin')),
        TELEX_MAIN_APP: mainApp.program,
      },
    });
    endings.push(start.kill);
    return {
      ...{ desktop, team, tray, mainApp, start, bubbles, emptyIcon, end },
      dialog: watchDialog(desktop),
    };
  } catch (error) {
    await end();
    throw error;
  }
}
