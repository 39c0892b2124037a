import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { RealDesktop, ScreenWindow } from '@telex/testkit';
import { eventually } from './eventually.ts';

/** The notifications as a real daemon shows them. */
export interface BubblesOnScreen {
  /** Waits until one can be seen. */
  shown(): Promise<ScreenWindow>;
  gone(): Promise<void>;
  /** Waits until the daemon was handed these words, by what passes on the bus. */
  says(words: RegExp): Promise<void>;
  /** All that the daemon was asked so far, as dbus-monitor writes it. */
  passed(): string;
  /** Waits until the daemon is asked to close one, from now on. */
  askedToClose(limitMs: number): Promise<void>;
  /** Does what opens it: dunst's middle click, the first button of xfce4-notifyd. */
  openIt(): Promise<void>;
  /** What only makes them go, all there are. */
  dismiss(): Promise<void>;
  close(): void;
}

export type DaemonName = 'dunst' | 'xfce4-notifyd';

export async function watchBubbles(
  { screen, bus }: RealDesktop,
  daemon: DaemonName,
): Promise<BubblesOnScreen> {
  const rule = "type='method_call',interface='org.freedesktop.Notifications'";
  const monitor = spawn('dbus-monitor', ['--address', bus, rule], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let passed = '';
  monitor.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    passed += chunk;
  });
  await once(monitor.stdout, 'data');

  const isBubble = ({ kind, width, height }: ScreenWindow) =>
    kind.toLowerCase().startsWith(daemon) && width > 60 && height > 20;
  const find = async () => (await screen.windows()).find(isBubble);
  const shown = () => screen.until('a notification', (windows) => windows.find(isBubble));
  const gone = async () =>
    void (await screen.until('no notification', (windows) =>
      windows.some(isBubble) ? undefined : true,
    ));
  return {
    shown,
    gone,
    says: (words) =>
      eventually(`a notification that says ${words}`, async () => {
        if (!words.test(passed)) throw new Error(passed.slice(-2_000));
      }),
    passed: () => passed,
    askedToClose(limitMs) {
      const before = passed.length;
      return eventually(
        'CloseNotification',
        async () => {
          const since = passed.slice(before);
          if (!since.includes('member=CloseNotification')) throw new Error(since);
        },
        limitMs,
      );
    },
    async openIt() {
      const { x, y, width, height } = await shown();
      if (daemon === 'dunst') await screen.click(x + width / 2, y + height / 2, 2);
      // Three buttons stand at its right end, Open is the first of them.
      else await screen.click(x + width - 270, y + height - 31);
    },
    async dismiss() {
      const { x, y } = await shown();
      await screen.click(x + 60, y + 20);
      // Below the one that went there may be others.
      for (let more = await find(); more !== undefined; more = await find()) {
        await screen.click(more.x + 60, more.y + 20);
      }
    },
    close: () => void monitor.kill('SIGKILL'),
  };
}
