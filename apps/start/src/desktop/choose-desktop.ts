import type { Desktop } from './desktop.ts';

/** The only place that chooses the platform. The terminal serves everywhere. */
export async function chooseDesktop(): Promise<Desktop> {
  const { createTerminalDesktop } = await import('./terminal/terminal-desktop.ts');
  // A terminal or a reader that has gone is no reason to end: there are the commands.
  for (const stream of [process.stdin, process.stdout, process.stderr])
    stream.on('error', () => {});
  return createTerminalDesktop(process.stdin, process.stdout);
}
