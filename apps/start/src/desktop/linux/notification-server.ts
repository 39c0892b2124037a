import * as v from 'valibot';
import type { Bus } from './bus.ts';

export const NOTIFICATIONS = 'org.freedesktop.Notifications';
export const notificationsTarget = {
  destination: NOTIFICATIONS,
  path: '/org/freedesktop/Notifications',
  interface: NOTIFICATIONS,
} as const;

/** What is known of the daemon that shows notifications. */
export interface NotificationServer {
  /** Its unique bus name; undefined: there is none, though one may be started by the first notification. */
  readonly owner: string | undefined;
  /** As it calls itself: `dunst`, `Xfce Notify Daemon`, `Plasma`, `gnome-shell`; empty while it has not said. */
  readonly name: string;
  /** Desktop Notifications Specification, "GetCapabilities"; undefined while they are unknown. */
  readonly capabilities: ReadonlySet<string> | undefined;
}

export const noServer: NotificationServer = { owner: undefined, name: '', capabilities: undefined };

export interface NotificationServerWatch {
  readonly current: NotificationServer;
  /**
   * `changed`: another daemon or none, of which nothing is known yet; ids of the one before mean nothing any more.
   * `ready`: it has told about itself, or can't.
   */
  listen(listener: (event: 'changed' | 'ready', server: NotificationServer) => void): void;
  stop(): void;
}

/** A daemon that starts slowly, or is stopped, is waited for: it tells nobody when it goes on. */
const PATIENCE_MS = 24 * 3_600_000;

/** Follows who shows the notifications; asks each newcomer once what it can do. */
export function watchNotificationServer(
  bus: Pick<Bus, 'call' | 'watchName'>,
): NotificationServerWatch {
  const listeners: Parameters<NotificationServerWatch['listen']>[0][] = [];
  let current = noServer;

  const ask = (member: string): Promise<unknown> =>
    bus
      .call({ ...notificationsTarget, member, timeoutMs: PATIENCE_MS })
      .catch(() => undefined as unknown);

  const introduce = async (owner: string): Promise<void> => {
    const [capabilities, information] = await Promise.all([
      ask('GetCapabilities'),
      ask('GetServerInformation'),
    ]);
    if (current.owner !== owner) return;
    current = { owner, name: readName(information), capabilities: readCapabilities(capabilities) };
    for (const listener of listeners) listener('ready', current);
  };

  const stop = bus.watchName(NOTIFICATIONS, (owner) => {
    current = { ...noServer, owner };
    for (const listener of listeners) listener('changed', current);
    // Its failures are answers too.
    if (owner !== undefined) void introduce(owner);
  });
  return {
    get current() {
      return current;
    },
    listen: (listener) => void listeners.push(listener),
    stop,
  };
}

const capabilitiesReply = v.tuple([v.array(v.string())]);
const informationReply = v.tuple([v.string()]);
const MOST_CAPABILITIES = 100;
const LONGEST_NAME = 100;

function readCapabilities(reply: unknown): ReadonlySet<string> | undefined {
  const parsed = v.safeParse(capabilitiesReply, reply);
  return parsed.success ? new Set(parsed.output[0].slice(0, MOST_CAPABILITIES)) : undefined;
}

function readName(reply: unknown): string {
  const parsed = v.safeParse(informationReply, reply);
  return parsed.success ? parsed.output[0].slice(0, LONGEST_NAME) : '';
}
