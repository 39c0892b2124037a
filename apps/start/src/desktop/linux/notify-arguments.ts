// The arguments of `Notify` (Desktop Notifications Specification 1.2). Pure.
import type { Notification, NotificationAction } from '../notifications.ts';
import type { NotificationServer } from './notification-server.ts';
import { bodyText, summaryText } from './notification-text.ts';
import { type Variant, variant } from './variant.ts';

/** Without the ending `.desktop`, as the specification has it. */
export const DESKTOP_ENTRY = 'telex-start';
const APP_NAME = 'Telex';

/** Our icon: the name of an installed one, or RGBA, 4 · width · height bytes. */
export type NotificationIcon =
  | { readonly kind: 'name'; readonly name: string }
  | {
      readonly kind: 'pixels';
      readonly width: number;
      readonly height: number;
      readonly rgba: Uint8Array;
    };

export interface NotifyRequest {
  readonly notification: Notification;
  /** 0: a new one. */
  readonly replacesId: number;
  readonly server: NotificationServer;
  readonly icon: NotificationIcon | undefined;
}

export const NOTIFY_SIGNATURE = 'susssasa{sv}i';
/** The daemon's own time. */
const DEFAULT_EXPIRY = -1;

export function notifyArguments(request: NotifyRequest): readonly unknown[] {
  const { notification, replacesId, server, icon } = request;
  return [
    APP_NAME,
    replacesId,
    icon?.kind === 'name' ? icon.name : '',
    summaryText(notification.title),
    bodyText(notification.body, server),
    actionList(notification.actions, server),
    hints(notification, icon),
    DEFAULT_EXPIRY,
  ];
}

/**
 * Keys and labels by turns. What a click does (`default`) is offered by a button too, but not twice where the daemon draws
 * `default` itself.
 */
export function actionList(
  actions: Notification['actions'],
  { name, capabilities }: NotificationServer,
): readonly string[] {
  if (capabilities !== undefined && !capabilities.has('actions')) return [];
  const isDefaultDrawn = drawsDefault.has(name);
  return actions.flatMap(({ key, label }) => {
    if (key !== 'open') return [key, label];
    return isDefaultDrawn ? ['default', label] : ['default', label, key, label];
  });
}

/** As a button (xfce4-notifyd) or an entry of its menu (dunst). */
const drawsDefault: ReadonlySet<string> = new Set(['Xfce Notify Daemon', 'dunst']);

/** What the key of an action stands for. */
export function actionOf(key: string): NotificationAction | undefined {
  switch (key) {
    case 'default':
      return 'open';
    case 'open':
    case 'mark-read':
    case 'mute':
      return key;
    default:
      return undefined;
  }
}

const urgencies = { low: 0, normal: 1, critical: 2 } as const;

function hints(
  { content, actions, sound, urgency }: Notification,
  icon: NotificationIcon | undefined,
): readonly (readonly [string, Variant])[] {
  const isMessage = content.kind === 'message' || content.kind === 'summary';
  return [
    ['urgency', variant('y', urgencies[urgency])],
    ['desktop-entry', variant('s', DESKTOP_ENTRY)],
    ...(isMessage ? ([['category', variant('s', 'im.received')]] as const) : []),
    // What Telex Start says of itself, and that offers nothing, is not worth keeping in the desktop's list.
    ...(isMessage || actions.length > 0 ? [] : ([['transient', variant('b', true)]] as const)),
    sound
      ? ['sound-name', variant('s', 'message-new-instant')]
      : ['suppress-sound', variant('b', true)],
    ...(icon?.kind === 'pixels' ? ([['image-data', imageData(icon)]] as const) : []),
  ];
}

const SAMPLE_BITS = 8;
const CHANNELS = 4;

function imageData({ width, height, rgba }: Extract<NotificationIcon, { kind: 'pixels' }>) {
  // Without a copy of the pixels.
  const bytes = Buffer.from(rgba.buffer, rgba.byteOffset, rgba.byteLength);
  const image = [width, height, width * CHANNELS, true, SAMPLE_BITS, CHANNELS, bytes];
  return variant('(iiibiiay)', image);
}
