import { openBus } from '../bus.ts';

const WATCHER = 'org.kde.StatusNotifierWatcher';
const ITEM = 'org.kde.StatusNotifierItem';
const MENU = 'com.canonical.dbusmenu';
const PROPERTIES = 'org.freedesktop.DBus.Properties';
const toBus = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};

/** A panel: watcher and host in one. It asks for what real ones ask for, and keeps what it is told. */
export interface FakeTrayHost {
  /** Bus names of the items that registered, in order. */
  readonly items: readonly string[];
  /** Signals of item and menu: `NewIcon`, `NewStatus Active`, `LayoutUpdated 2 0`. */
  readonly signals: readonly string[];
  /** Waits for this many registrations in all. */
  registered(count: number): Promise<string>;
  /** Waits for a signal that begins with these words, after the first `after` signals. */
  signalled(words: string, after?: number): Promise<void>;
  /** All properties of the item. */
  item(): Promise<Readonly<Record<string, unknown>>>;
  itemCall(member: string, signature: string, body: readonly unknown[]): Promise<unknown>;
  menuCall(
    member: string,
    signature: string,
    body: readonly unknown[],
  ): Promise<readonly unknown[]>;
  /** Asks both sides of the bus something: what was sent before has arrived. */
  settled(): Promise<void>;
  setHost(isThere: boolean): void;
  close(): void;
}

export async function startFakeTrayHost(address: string, hasHost = true): Promise<FakeTrayHost> {
  const bus = openBus(address, { firstPauseMs: 5, longestPauseMs: 20 });
  const items: string[] = [];
  const signals: string[] = [];
  const looks = new Set<() => void>();
  let isHostThere = hasHost;
  const changed = () => {
    for (const look of [...looks]) look();
  };
  const until = (isDone: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = () => {
        if (!isDone()) return;
        looks.delete(look);
        resolve();
      };
      looks.add(look);
      look();
    });

  bus.exportObject('/StatusNotifierWatcher', [
    {
      name: WATCHER,
      methods: {
        RegisterStatusNotifierItem: {
          in: 's',
          out: '',
          run([name]) {
            items.push(String(name));
            changed();
            return [];
          },
        },
      },
      properties: {
        IsStatusNotifierHostRegistered: { signature: 'b', get: () => isHostThere },
      },
      signals: { StatusNotifierHostRegistered: '' },
    },
  ]);
  for (const from of [ITEM, MENU]) {
    bus.onSignal({ interface: from }, ({ member, body, signature }) => {
      const words = /^[su]*i?$/.test(signature) ? body : [JSON.stringify(body)];
      signals.push([member, ...words].join(' '));
      changed();
    });
  }
  const own = async (): Promise<void> => {
    const body = [WATCHER, 4];
    await bus.call({ ...toBus, member: 'RequestName', signature: 'su', body });
  };
  await own();
  bus.onState((state) => {
    if (state === 'connected') own().catch(() => {});
  });

  const target = () => ({ destination: items.at(-1) ?? '', path: '/StatusNotifierItem' });
  return {
    items,
    signals,
    async registered(count) {
      await until(() => items.length >= count);
      return items.at(-1) ?? '';
    },
    signalled: (words, after = 0) =>
      until(() => signals.slice(after).some((signal) => signal.startsWith(words))),
    async item() {
      const call = { ...target(), interface: PROPERTIES, member: 'GetAll' };
      const [all] = await bus.call({ ...call, signature: 's', body: [ITEM] });
      return Object(all);
    },
    async itemCall(member, signature, body) {
      return bus.call({ ...target(), interface: ITEM, member, signature, body });
    },
    menuCall: (member, signature, body) =>
      bus.call({ ...target(), path: '/MenuBar', interface: MENU, member, signature, body }),
    async settled() {
      await bus.call({ ...target(), interface: 'org.freedesktop.DBus.Peer', member: 'Ping' });
      await new Promise(setImmediate);
    },
    setHost(isThere) {
      isHostThere = isThere;
      if (!isThere) return;
      const member = 'StatusNotifierHostRegistered';
      bus.emit({ path: '/StatusNotifierWatcher', interface: WATCHER, member });
    },
    close: () => bus.close(),
  };
}
