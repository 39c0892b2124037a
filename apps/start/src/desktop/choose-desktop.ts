import type { Environment } from '../environment.ts';
import type { Desktop } from './desktop.ts';
import type { DesktopChoice } from './desktop-choice.ts';

/** The only place that chooses the platform. The terminal serves everywhere. */
export async function chooseDesktop(
  choice: DesktopChoice,
  environment: Environment,
): Promise<Desktop> {
  // A terminal or a reader that has gone is no reason to end: there are the commands.
  for (const stream of [process.stdin, process.stdout, process.stderr])
    stream.on('error', () => {});
  return (await openLinux(choice, environment)) ?? (await openTerminal());
}

async function openLinux(
  choice: DesktopChoice,
  environment: Environment,
): Promise<Desktop | undefined> {
  const { platform, display } = environment;
  const isForced = choice === 'linux';
  // A bus alone is none: a login by ssh has one too, and nobody looks at it.
  const isLikely = platform === 'linux' && (display.x11 || display.wayland);
  if (choice === 'terminal' || !(isForced || isLikely)) return undefined;
  const { sessionBusAddress } = await import('./linux/bus-address.ts');
  const address = sessionBusAddress(environment);
  if (address === undefined && !isForced) return undefined;
  const { openLinuxDesktop } = await import('./linux/linux-desktop.ts');
  return openLinuxDesktop({
    environment,
    address: address ?? '',
    isForced,
    log: (line) => console.error(line),
    unixMs: Date.now,
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      timer.unref();
      return () => clearTimeout(timer);
    },
  });
}

async function openTerminal(): Promise<Desktop> {
  const { createTerminalDesktop } = await import('./terminal/terminal-desktop.ts');
  return createTerminalDesktop(process.stdin, process.stdout);
}
