import type { Notification } from '../desktop/notifications.ts';
import type { Content } from './decision.ts';

/** What is offered with a notification of such content, in this order. */
export function actionsOf(content: Content): Notification['actions'] {
  switch (content.kind) {
    case 'message':
      return [
        OPEN,
        { key: 'mark-read', label: 'Mark read' },
        { key: 'mute', label: 'Mute 1 hour' },
      ];
    case 'summary':
      return [OPEN];
    default:
      return [];
  }
}

const OPEN = { key: 'open', label: 'Open' } as const;
