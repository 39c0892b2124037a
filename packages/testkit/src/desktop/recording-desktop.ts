import dbus, { type MessageBus } from 'dbus-native';

/** One call of `Notify`. */
export interface RecordedNotify {
  readonly id: number;
  /** The id it replaces; 0: none. */
  readonly replaces: number;
  readonly summary: string;
  readonly body: string;
  /** Epoch milliseconds with fractions, comparable between processes of one machine. */
  readonly atMs: number;
}

/** What a desktop is asked for over the bus, noted down: a notification daemon and a tray's watcher that show nothing. */
export interface RecordingDesktop {
  /** In order. */
  readonly notifies: readonly RecordedNotify[];
  /** Ids that are open. */
  readonly open: ReadonlySet<number>;
  /** Names under which tray icons were registered, with the time in epoch milliseconds. */
  readonly trayIcons: readonly { readonly name: string; readonly atMs: number }[];
  /** Told of each `Notify` and each icon. */
  listen(listener: () => void): () => void;
  /** Resolves when it is so; looked at after each thing that comes in. */
  until(isSo: () => boolean): Promise<void>;
  /** The user chooses an action of a notification, which then closes. */
  choose(id: number, action: string): void;
  /** Forgets what was noted. */
  forget(): void;
  close(): Promise<void>;
}

const NOTIFICATIONS = 'org.freedesktop.Notifications';
const NOTIFICATIONS_PATH = '/org/freedesktop/Notifications';
const WATCHER = 'org.kde.StatusNotifierWatcher';
const WATCHER_PATH = '/StatusNotifierWatcher';
const CAPABILITIES = ['actions', 'body', 'body-markup'];

const NOTIFY_ARGUMENTS = [
  ...['app_name', 'replaces_id', 'app_icon', 'summary', 'body', 'actions', 'hints', 'expire'],
];

const now = () => performance.timeOrigin + performance.now();

/** On the bus at this address, until it is closed. */
export async function startRecordingDesktop(address: string): Promise<RecordingDesktop> {
  const bus = dbus.createClient({ busAddress: address });
  bus.connection.on('error', () => {});
  const notifies: RecordedNotify[] = [];
  const trayIcons: { name: string; atMs: number }[] = [];
  const open = new Set<number>();
  const listeners = new Set<() => void>();
  let lastId = 0;
  const tell = () => {
    for (const listener of [...listeners]) listener();
  };
  const listen = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const signal = (member: string, signature: string, body: unknown[]) =>
    bus.sendSignal(NOTIFICATIONS_PATH, NOTIFICATIONS, member, signature, body);
  const end = (id: number, reason: number) => {
    if (open.delete(id)) signal('NotificationClosed', 'uu', [id, reason]);
  };

  await serveNotifications(bus, {
    notify(replaces, summary, body) {
      const atMs = now();
      const id = replaces === 0 ? ++lastId : replaces;
      notifies.push({ id, replaces, summary, body, atMs });
      open.add(id);
      tell();
      return id;
    },
    close: (id) => end(id, 3),
  });
  await serveWatcher(bus, (name) => {
    trayIcons.push({ name, atMs: now() });
    tell();
  });

  return {
    ...{ notifies, open, trayIcons, listen },
    until(isSo) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const stop = listen(() => {
        if (isSo()) resolve();
      });
      if (isSo()) resolve();
      return promise.finally(stop);
    },
    choose(id, action) {
      signal('ActionInvoked', 'us', [id, action]);
      end(id, 2);
    },
    forget() {
      notifies.length = 0;
      trayIcons.length = 0;
    },
    async close() {
      await bus.close();
    },
  };
}

interface Daemon {
  notify(replaces: number, summary: string, body: string): number;
  close(id: number): void;
}

async function serveNotifications(bus: MessageBus, daemon: Daemon): Promise<void> {
  const methods = {
    GetCapabilities: () => CAPABILITIES,
    GetServerInformation: () => ['recorder', 'Telex', '1', '1.2'],
    Notify: (_app: string, replaces: number, _icon: string, summary: string, body: string) =>
      daemon.notify(replaces, summary, body),
    CloseNotification: (id: number) => daemon.close(id),
  };
  bus.exportInterface(methods, NOTIFICATIONS_PATH, {
    name: NOTIFICATIONS,
    methods: {
      GetCapabilities: ['', 'as', [], ['capabilities']],
      GetServerInformation: ['', 'ssss', [], ['name', 'vendor', 'version', 'spec']],
      Notify: ['susssasa{sv}i', 'u', NOTIFY_ARGUMENTS, ['id']],
      CloseNotification: ['u', '', ['id'], []],
    },
    signals: { NotificationClosed: ['uu'], ActionInvoked: ['us'] },
  });
  await bus.requestName(NOTIFICATIONS, 0);
}

async function serveWatcher(bus: MessageBus, onIcon: (name: string) => void): Promise<void> {
  const watcher = {
    RegisterStatusNotifierItem: (name: string) => onIcon(name),
    IsStatusNotifierHostRegistered: true,
    ProtocolVersion: 0,
  };
  bus.exportInterface(watcher, WATCHER_PATH, {
    name: WATCHER,
    methods: { RegisterStatusNotifierItem: ['s', '', ['service'], []] },
    properties: { IsStatusNotifierHostRegistered: 'b', ProtocolVersion: 'i' },
  });
  await bus.requestName(WATCHER, 0);
}
