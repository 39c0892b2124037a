import type { NotificationAction } from '../desktop/notifications.ts';
import type { Arrival } from '../notify/arrival.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { MenuCommand } from '../tray/menu-command.ts';
import { createTrayTimes } from '../tray/tray-words.ts';
import type { Mutes } from './mutes.ts';
import type { SessionSwitch } from './session-switch.ts';

const HOUR_MS = 3_600_000;

export interface BubbleActionPorts {
  readonly session: Pick<SessionSwitch, 'call'>;
  readonly notifier: () => Pick<Notifier, 'feed'>;
  readonly mutes: Mutes;
  readonly unixMs: () => number;
  readonly carryOut: (command: MenuCommand) => void;
  /** Tells the outcome to the one who asked. */
  readonly tell: (title: string, sentence: string) => void;
}

/** What the actions of a notification do; `arrival` is undefined where it showed no single message. */
export function createBubbleActions(
  ports: BubbleActionPorts,
): (action: NotificationAction, arrival: Arrival | undefined) => void {
  const times = createTrayTimes(ports.unixMs);

  const markRead = async ({ threadId, seq, content }: Arrival): Promise<void> => {
    if (threadId === undefined) {
      ports.tell(
        placeOf(content),
        'This server does not say which thread it is: open it to read it.',
      );
      return;
    }
    const outcome = await ports.session.call('markRead', {
      parameters: { thread_id: threadId },
      // Only what was shown counts as read, not what has come since.
      body: seq === undefined ? {} : { seq },
    });
    if (!outcome.ok) ports.tell('Not marked as read', outcome.fault.sentence);
  };

  const mute = ({ threadKey, content }: Arrival): void => {
    const untilUnixMs = ports.unixMs() + HOUR_MS;
    const label = placeOf(content);
    ports.mutes.add({ scope: threadKey, label, untilUnixMs });
    void ports.notifier().feed({ kind: 'mute', scope: threadKey, untilUnixMs });
    ports.tell(label, `This thread is muted until ${times.minute(untilUnixMs)}.`);
  };

  return (action, arrival) => {
    if (action === 'open') {
      const target = arrival === undefined ? undefined : targetOf(arrival);
      ports.carryOut({ kind: 'open', ...(target === undefined ? {} : { target }) });
    } else if (arrival !== undefined) {
      if (action === 'mark-read') void markRead(arrival);
      else mute(arrival);
    }
  };
}

/** Where a notification of this message leads. */
export function targetOf({ organisationId, channelId, threadId }: Arrival) {
  return { organisationId, channelId, threadId };
}

function placeOf({ organisation, channel }: Arrival['content']): string {
  return [organisation, channel].filter((part) => part !== '').join(' › ');
}
