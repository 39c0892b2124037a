import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { actionsOf } from '../../notify/actions.ts';
import { cleanText, TEXT_LENGTH } from '../../notify/clean-text.ts';
import type {
  Notification,
  NotificationAction,
  NotificationEvent,
  Notifications,
} from '../notifications.ts';

/** An adapter with what tests need to see of its desktop. */
export interface NotificationsBench {
  readonly notifications: Notifications;
  /** What the desktop has been given to show so far, as the text that a person reads. */
  seen(): string | Promise<string>;
  /** What a person can do with what is on the screen; missing where nothing can be clicked. */
  readonly screen?: NotificationsScreen;
  /** Ends the desktop. */
  stop?(): Promise<void>;
}

export interface NotificationsScreen {
  /** Resolves when so many notifications are open. */
  untilOpen(count: number): Promise<void>;
  /** Dismisses the only one that is open. */
  dismiss(): Promise<void>;
  /** Clicks the button of that action on the only one that is open. */
  choose(action: NotificationAction): Promise<void>;
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

export interface ContractOptions {
  /** How many are sent in a row; default 1,000. */
  readonly burst?: number;
  /** Something can be clicked: `screen` is there. */
  readonly hasScreen?: boolean;
}

/** What every implementation of `Notifications` does. */
export function notificationsContract(
  name: string,
  open: () => NotificationsBench | Promise<NotificationsBench>,
  { burst = 1_000, hasScreen = false }: ContractOptions = {},
): void {
  describe(`${name} as a desktop’s notifications`, () => {
    let bench: NotificationsBench;
    let notifications: Notifications;
    beforeEach(async () => {
      bench = await open();
      ({ notifications } = bench);
    });
    afterEach(() => bench.stop?.());

    test('title and body are shown', async () => {
      await notifications.show('a', notification('hello there'));
      expect(await bench.seen()).toContain('Acme › general');
      expect(await bench.seen()).toContain('hello there');
    });

    test('an open one is replaced under the same key', async () => {
      await notifications.show('a', notification('first'));
      await notifications.show('a', notification('second'));
      expect(await bench.seen()).toContain('second');
    });

    test('several for the same key at once leave the last one', async () => {
      const all = ['first', 'second', 'third'].map((body) =>
        notifications.show('a', notification(body)),
      );
      await Promise.all(all);
      expect(await bench.seen()).toContain('third');
    });

    test('closing works for what is open, what is closed and what never was', async () => {
      await notifications.show('a', notification('first'));
      for (const bubble of ['a', 'a', 'never']) {
        await expect(Promise.resolve(notifications.close(bubble))).resolves.toBeUndefined();
      }
    });

    test('[T3] markup arrives as the text that it is', async () => {
      await notifications.show('a', notification('<b>bold</b> &amp; <img src=x>'));
      expect(await bench.seen()).toContain('<b>bold</b> &amp; <img src=x>');
    });

    test('[T2] what was cleaned steers no terminal', async () => {
      const hostile = cleanText('\u001b]0;gone\u0007\u001b[2Jtext\u009b31m', TEXT_LENGTH);
      await notifications.show('a', notification(hostile));
      expect(await bench.seen()).toContain('text');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
      expect(await bench.seen()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    });

    test('text of any script and length is taken', async () => {
      const text = cleanText(`grüß 😀 שלום ${'x'.repeat(20_000)}`, TEXT_LENGTH);
      await notifications.show('a', notification(text, 'Ünï › 日本'));
      expect(await bench.seen()).toContain('grüß 😀 שלום');
    });

    test(`${burst} of them are taken one after the other`, async () => {
      for (let number = 0; number < burst; number += 1) {
        await notifications.show(`bubble ${number % 7}`, notification(`number ${number} of them`));
      }
      expect(await bench.seen()).toContain(`number ${burst - 1} of them`);
    });

    test(`${burst} of them at once are taken or refused, each for itself`, async () => {
      const all = Array.from({ length: burst }, async (_, number) =>
        notifications.show(`bubble ${number % 7}`, notification(`number ${number} of them`)),
      );
      const ends = await Promise.allSettled(all);
      expect(ends.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    });

    if (hasScreen) screenContract(() => bench);
  });
}

/** What every implementation does whose notifications can be clicked. */
function screenContract(bench: () => NotificationsBench): void {
  const open = () => {
    const { notifications, screen } = bench();
    if (screen === undefined) throw new Error('this desktop has no screen');
    return { notifications, screen, events: follow(notifications) };
  };

  test('one under another key stands beside it, one under the same key does not', async () => {
    const { notifications, screen } = open();
    await notifications.show('a', notification('first'));
    await notifications.show('b', notification('second'));
    await screen.untilOpen(2);
    await notifications.show('b', notification('third'));
    await notifications.close('a');
    await screen.untilOpen(1);
    await notifications.close('b');
    await screen.untilOpen(0);
  });

  test('[P5] one that is closed before it has been taken does not stay', async () => {
    const { notifications, screen, events } = open();
    const shown = notifications.show('a', notification('first'));
    await Promise.all([shown, notifications.close('a')]);
    await screen.untilOpen(0);
    expect(events.seen).toEqual([]);
  });

  test('dismissing one is told, and its key can be shown again', async () => {
    const { notifications, screen, events } = open();
    await notifications.show('a', notification('first'));
    await screen.untilOpen(1);
    await screen.dismiss();
    await events.until((event) => event.kind === 'closed' && event.bubble === 'a');
    await notifications.show('a', notification('second'));
    await screen.untilOpen(1);
    expect(events.seen).toHaveLength(1);
  });

  test.each(['open', 'mark-read', 'mute'] as const)(
    '[P4] %s is told once when chosen',
    async (action) => {
      const { notifications, screen, events } = open();
      await notifications.show('a', notification('first'));
      await screen.untilOpen(1);
      await screen.choose(action);
      await events.until((event) => event.kind === 'closed');
      expect(events.seen).toEqual([
        { kind: 'activated', bubble: 'a', action },
        { kind: 'closed', bubble: 'a' },
      ]);
    },
  );

  test('without actions there is nothing to choose, and it is shown all the same', async () => {
    const { notifications, screen } = open();
    await notifications.show('a', { ...notification('first'), actions: [] });
    await screen.untilOpen(1);
  });

  test.each(['low', 'normal', 'critical'] as const)('urgency %s is taken', async (urgency) => {
    const { notifications, screen } = open();
    await notifications.show('a', { ...notification('first'), urgency, sound: true });
    await screen.untilOpen(1);
  });
}

/** What is told from now on; that the desktop takes notifications is no news here. */
export function follow(notifications: Notifications) {
  const seen: NotificationEvent[] = [];
  let look = () => {};
  notifications.listen((event) => {
    if (event.kind === 'available') return;
    seen.push(event);
    look();
  });
  return {
    seen,
    until: (isIt: (event: NotificationEvent) => boolean) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (seen.some(isIt)) resolve();
        };
        look();
      }),
  };
}
