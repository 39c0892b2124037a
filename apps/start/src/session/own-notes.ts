import type { Desktop } from '../desktop/desktop.ts';
import { clockTime, wordsOf } from '../notify/wording.ts';

/** Telex Start's own words as a notification: what came of something asked for, where the one who asked is looking. */
export interface OwnNotes {
  /** @param title empty: Telex's name */
  tell(title: string, sentence: string): void;
  close(): void;
}

/** There is one bubble for all of them. */
const NOTE = 'note';

export function createOwnNotes({ notifications }: Pick<Desktop, 'notifications'>): OwnNotes {
  return {
    tell(title, text) {
      const content = { kind: 'note', title: title === '' ? 'Telex' : title, text } as const;
      const words = wordsOf(content, clockTime);
      const note = { ...words, content, sound: false, actions: [], urgency: 'normal' } as const;
      try {
        // A desktop that takes none has said so already, or will at the next message.
        Promise.resolve(notifications.show(NOTE, note)).catch(() => {});
      } catch {
        // As above.
      }
    },
    close: () => void notifications.close(NOTE),
  };
}
