import { type Bus, openBus } from '../linux/bus.ts';
import type { ExportedInterface } from '../linux/bus-objects.ts';
import { NOTIFICATIONS, notificationsTarget } from '../linux/notification-server.ts';

/** A call of `Notify` as the daemon got it. */
export interface NotifyCall {
  readonly id: number;
  readonly appName: string;
  readonly replacesId: number;
  readonly appIcon: string;
  readonly summary: string;
  readonly body: string;
  /** Keys and labels by turns. */
  readonly actions: readonly string[];
  readonly hints: Readonly<Record<string, unknown>>;
  readonly expireMs: number;
  /** When it came, by `performance.now`. */
  readonly atMs: number;
}

export interface FakeServerOptions {
  readonly name?: string;
  /** Undefined: it refuses to tell. */
  readonly capabilities?: readonly string[] | undefined;
  /** What else it has at its path. */
  readonly interfaces?: readonly ExportedInterface[];
}

/** A notification daemon on a real bus: records what it is asked for, and does what the test says. */
export interface FakeNotificationServer {
  /** Every call taken, in order. */
  readonly calls: readonly NotifyCall[];
  /** What is on its screen. */
  readonly open: ReadonlyMap<number, NotifyCall>;
  /** Resolves when the condition holds; looked at after everything that happens here. */
  until(isSo: () => boolean): Promise<void>;
  /** What it answers to `Notify` from now on: an id, or it throws, or it never settles. Undefined: as a good daemon does. */
  answerWith(answer: ((call: NotifyCall) => unknown) | undefined): void;
  /** As if the user dismissed it (2), or it expired (1). */
  close(id: number, reason: number): void;
  invoke(id: number, actionKey: string): void;
  emit(member: string, signature: string, body: readonly unknown[]): void;
  /** Its own connection. */
  readonly bus: Bus;
  /** It ends, and its connection with it. Idempotent. */
  stop(): void;
}

const goodCapabilities = ['actions', 'body', 'body-markup', 'icon-static'];

/** Resolves when it owns the name. */
export async function startFakeNotificationServer(
  address: string,
  options: FakeServerOptions = {},
): Promise<FakeNotificationServer> {
  const { name = 'fake', capabilities = goodCapabilities, interfaces = [] } = options;
  const bus = openBus(address, { firstPauseMs: 5, longestPauseMs: 20 });
  const calls: NotifyCall[] = [];
  const open = new Map<number, NotifyCall>();
  const looks = new Set<() => void>();
  let lastId = 0;
  let answer: ((call: NotifyCall) => unknown) | undefined;

  const look = () => {
    for (const each of [...looks]) each();
  };
  const notify = async (body: readonly unknown[]): Promise<readonly unknown[]> => {
    const call = readCall(body, (replaced) => (open.has(replaced) ? replaced : ++lastId));
    calls.push(call);
    if (answer !== undefined) {
      look();
      return [await answer(call)];
    }
    open.set(call.id, call);
    // After the answer: a daemon tells of nothing before it.
    setImmediate(look);
    return [call.id];
  };
  const emit: FakeNotificationServer['emit'] = (member, signature, body) => {
    const { path, interface: from } = notificationsTarget;
    bus.emit({ ...{ path, interface: from, member, signature, body } });
  };
  const close = (id: number, reason: number): void => {
    open.delete(id);
    emit('NotificationClosed', 'uu', [id, reason]);
    look();
  };
  bus.exportObject(notificationsTarget.path, [
    ...interfaces,
    {
      name: NOTIFICATIONS,
      methods: {
        GetCapabilities: {
          in: '',
          out: 'as',
          run: () => {
            if (!('capabilities' in options) || options.capabilities !== undefined) {
              return [capabilities];
            }
            throw new Error('it does not tell');
          },
        },
        GetServerInformation: { in: '', out: 'ssss', run: () => [name, 'Telex', '1', '1.2'] },
        Notify: { in: 'susssasa{sv}i', out: 'u', run: notify },
        CloseNotification: {
          in: 'u',
          out: '',
          run: ([id]) => {
            if (typeof id !== 'number' || !open.has(id)) throw new Error('no such notification');
            close(id, 3);
            return [];
          },
        },
      },
    },
  ]);
  await own(bus, NOTIFICATIONS);
  return {
    bus,
    calls,
    open,
    until: (isSo) =>
      new Promise((resolve) => {
        const mine = () => {
          if (!isSo()) return;
          looks.delete(mine);
          resolve();
        };
        looks.add(mine);
        mine();
      }),
    answerWith(next) {
      answer = next;
    },
    close,
    invoke: (id, actionKey) => emit('ActionInvoked', 'us', [id, actionKey]),
    emit,
    stop: () => bus.close(),
  };
}

/** Takes a name over from whoever has it, so that two in a row never get in each other's way. */
export async function own(bus: Bus, name: string): Promise<void> {
  const [reply] = await bus.call({
    destination: 'org.freedesktop.DBus',
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
    ...{ member: 'RequestName', signature: 'su', body: [name, REPLACE | ALLOW | DO_NOT_QUEUE] },
  });
  if (reply !== PRIMARY_OWNER) throw new Error(`${name} is taken`);
}

const ALLOW = 1;
const REPLACE = 2;
const DO_NOT_QUEUE = 4;
const PRIMARY_OWNER = 1;

function readCall(body: readonly unknown[], idFor: (replaced: number) => number): NotifyCall {
  const [appName, replacesId, appIcon, summary, text, actions, hints, expireMs] = body as [
    string,
    number,
    string,
    string,
    string,
    string[],
    Record<string, unknown>,
    number,
  ];
  const id = idFor(replacesId);
  const words = { appName, replacesId, appIcon, summary, body: text, actions, hints, expireMs };
  return { id, ...words, atMs: performance.now() };
}

/** As a daemon with `body-markup` renders a body: tags take effect, entities become characters. */
export function rendered(body: string): string {
  return body
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
