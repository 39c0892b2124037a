import type { DesktopEvent } from '../../desktop.ts';

export type QuietEvent = Extract<DesktopEvent, { readonly reason: unknown }>;

/** Why the desktop itself wants quiet. */
export type DesktopQuiet = QuietEvent['reason'];

/** Tells whether its reason holds, at each change; returns how to end. Quiet until it knows better. */
export type QuietSource = (tell: (isOn: boolean) => void) => () => void;

/**
 * Adds up what several sources say: a reason begins with the first source that gives it and ends with the last. The same said
 * twice is no news.
 */
export function createQuietReasons(
  emit: (event: QuietEvent) => void,
): (source: string, reason: DesktopQuiet, isOn: boolean) => void {
  const sources: Readonly<Record<DesktopQuiet, Set<string>>> = {
    'do-not-disturb': new Set(),
    locked: new Set(),
  };
  return (source, reason, isOn) => {
    const holding = sources[reason];
    const before = holding.size;
    if (isOn) holding.add(source);
    else holding.delete(source);
    if (before === 0 && holding.size > 0) emit({ kind: 'quiet', reason });
    if (before > 0 && holding.size === 0) emit({ kind: 'quiet-over', reason });
  };
}
