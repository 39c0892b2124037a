import type { TrayPresence } from './tray.ts';

/** Decides when to tell that the icon can't be seen: once, and not while a panel may still be starting. */
export interface TrayNotice {
  presence(now: TrayPresence): void;
  /** Whom to tell; what became due before is told now. */
  onDue(listener: () => void): void;
  close(): void;
}

/** A panel may start after us, when the desktop session begins. */
export const PANEL_LIMIT_MS = 15_000;

export function createTrayNotice(
  after: (delayMs: number, run: () => void) => () => void,
): TrayNotice {
  let cancel: (() => void) | undefined;
  let listener: (() => void) | undefined;
  let state: 'untold' | 'due' | 'told' = 'untold';

  const tell = (): void => {
    state = listener === undefined ? 'due' : 'told';
    listener?.();
  };
  const stop = (): void => {
    cancel?.();
    cancel = undefined;
  };
  return {
    presence(now) {
      if (now === 'shown') {
        stop();
        if (state === 'due') state = 'untold';
      } else if (state === 'untold' && cancel === undefined) {
        cancel = after(PANEL_LIMIT_MS, () => {
          cancel = undefined;
          tell();
        });
      }
    },
    onDue(given) {
      listener = given;
      if (state === 'due') tell();
    },
    close: stop,
  };
}
