import type { Desktop } from './desktop.ts';

/** The only place that chooses the platform. The terminal serves everywhere. */
export async function chooseDesktop(): Promise<Desktop> {
  const { createTerminalDesktop } = await import('./terminal/terminal-desktop.ts');
  return createTerminalDesktop(process.stdin, process.stdout);
}
