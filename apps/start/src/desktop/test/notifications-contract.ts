import { describe, expect, test } from 'vitest';
import { actionsOf } from '../../notify/actions.ts';
import { cleanText, TEXT_LENGTH } from '../../notify/clean-text.ts';
import type { Notification, Notifications } from '../notifications.ts';

/** An adapter with what tests need to see of its desktop. */
export interface NotificationsBench {
  readonly notifications: Notifications;
  /** What the desktop has been given to show so far, as text. */
  seen(): string;
}

export function notification(body: string, title = 'Acme › general'): Notification {
  const content = {
    kind: 'message',
    organisation: 'Acme',
    channel: 'general',
    author: 'Ann',
    text: body,
    sentAtUnixMs: 0,
  } as const;
  return { title, body, content, sound: false, actions: actionsOf(content), urgency: 'normal' };
}

/** What every implementation of `Notifications` does. */
export function notificationsContract(name: string, open: () => NotificationsBench): void {
  describe(`${name} as a desktop’s notifications`, () => {
    test('title and body are shown', async () => {
      const { notifications, seen } = open();
      await notifications.show('a', notification('hello there'));
      expect(seen()).toContain('Acme › general');
      expect(seen()).toContain('hello there');
    });

    test('an open one is replaced under the same key', async () => {
      const { notifications, seen } = open();
      await notifications.show('a', notification('first'));
      await notifications.show('a', notification('second'));
      expect(seen()).toContain('second');
    });

    test('closing works for what is open, what is closed and what never was', async () => {
      const { notifications } = open();
      await notifications.show('a', notification('first'));
      for (const bubble of ['a', 'a', 'never']) {
        await expect(Promise.resolve(notifications.close(bubble))).resolves.toBeUndefined();
      }
    });

    test('[T3] markup arrives as the text that it is', async () => {
      const { notifications, seen } = open();
      await notifications.show('a', notification('<b>bold</b> &amp; <img src=x>'));
      expect(seen()).toContain('<b>bold</b> &amp; <img src=x>');
    });

    test('[T2] what was cleaned steers no terminal', async () => {
      const { notifications, seen } = open();
      const hostile = cleanText('\u001b]0;gone\u0007\u001b[2Jtext\u009b31m', TEXT_LENGTH);
      await notifications.show('a', notification(hostile));
      expect(seen()).toContain('text');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
      expect(seen()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    });

    test('a thousand of them are taken one after the other', async () => {
      const { notifications, seen } = open();
      for (let number = 0; number < 1_000; number += 1) {
        await notifications.show(`bubble ${number % 7}`, notification(`number ${number}`));
      }
      expect(seen()).toContain('number 999');
    });
  });
}
