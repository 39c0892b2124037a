import type { DelayLine, RealDesktop } from '@telex/testkit';
import {
  type FakeNotificationServer,
  type NotifyCall,
  startFakeNotificationServer,
} from '../../src/desktop/test/fake-notification-server.ts';
import type { Team } from './team.ts';
import type { Ending } from './told.ts';

export const partNames = ['bus', 'panel', 'daemon', 'server', 'network'] as const;
/** `link`: the connections stand, but nothing passes, in them or in new ones. */
export type PartName = (typeof partNames)[number] | 'link';

/** What Telex Start depends on, each to be taken away and given back. */
export interface ChaosParts {
  takeAway(part: PartName): Promise<void>;
  giveBack(part: PartName): Promise<void>;
  /** All that any daemon was handed so far, in order. */
  readonly calls: readonly NotifyCall[];
  /** When a daemon lost its bus or its life. */
  readonly endings: readonly Ending[];
  close(): void;
}

export async function openChaosParts(
  desktop: RealDesktop,
  team: Team,
  line: DelayLine,
): Promise<ChaosParts> {
  const daemons: FakeNotificationServer[] = [];
  const endings: Ending[] = [];
  const startDaemon = async () => {
    daemons.at(-1)?.stop();
    daemons.push(await startFakeNotificationServer(desktop.bus));
  };
  await startDaemon();
  const ways: Record<PartName, readonly [() => unknown, () => unknown]> = {
    bus: [
      () => desktop.messageBus.kill(),
      async () => {
        await desktop.restartBus();
        await startDaemon();
      },
    ],
    panel: [() => desktop.panel.kill(), () => desktop.panel.restart()],
    daemon: [() => daemons.at(-1)?.stop(), startDaemon],
    server: [() => team.killServer(), () => team.startServer()],
    network: [() => line.refuse(), () => line.accept()],
    link: [
      () => {
        line.freeze();
        line.stall();
      },
      () => line.thaw(),
    ],
  };
  return {
    async takeAway(part) {
      const beganAtMs = performance.now();
      await ways[part][0]();
      if (part === 'bus' || part === 'daemon') {
        endings.push({ beganAtMs, doneAtMs: performance.now() });
      }
    },
    giveBack: async (part) => void (await ways[part][1]()),
    get calls() {
      return daemons.flatMap(({ calls }) => calls);
    },
    endings,
    close: () => daemons.at(-1)?.stop(),
  };
}
