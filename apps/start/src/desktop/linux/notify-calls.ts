// Calls of a daemon that may be slow, frozen, replaced or gone.
//
//   notify ─► answered in time ─► id
//        ├──► refused ─► tried again after a pause that grows
//        └──► no answer in time ─► refused; nothing more is asked until the late answer comes, and what it showed is closed
import * as v from 'valibot';
import type { Bus } from './bus.ts';
import { BusError, busErrors } from './bus-error.ts';
import {
  NOTIFICATIONS,
  type NotificationServerWatch,
  notificationsTarget,
} from './notification-server.ts';
import { NOTIFY_SIGNATURE } from './notify-arguments.ts';

export interface NotifyCalls {
  /** False: it has not answered in time, so all else is refused at once. */
  readonly isAnswering: boolean;
  /** The id; undefined where another daemon has taken over meanwhile, which knows nothing of it. Rejects with `BusError`. */
  notify(body: readonly unknown[]): Promise<number | undefined>;
  /** Where it is still open. */
  close(id: number): void;
  stop(): void;
}

export interface NotifyCallsPorts {
  readonly bus: Pick<Bus, 'call'>;
  readonly server: NotificationServerWatch;
  readonly answerLimitMs: number;
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** It takes notifications, perhaps again: it came, it went on, or it is time to try. */
  readonly onAvailable: () => void;
}

/** For an answer that is too late for us, but tells that the daemon goes on. */
const PATIENCE_MS = 24 * 3_600_000;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 300_000;

export function createNotifyCalls(ports: NotifyCallsPorts): NotifyCalls {
  const { bus, server, answerLimitMs, after } = ports;
  /** Calls to the present daemon that it has not answered in time. */
  let overdue = 0;
  let pauseMs = FIRST_PAUSE_MS;
  let cancelRetry = () => {};
  let isStopped = false;

  const available = (): void => {
    cancelRetry();
    if (!isStopped) ports.onAvailable();
  };
  const close = (id: number): void => {
    const call = { member: 'CloseNotification', signature: 'u', body: [id] };
    // It may have closed by itself meanwhile.
    bus.call({ ...notificationsTarget, ...call }).catch(() => {});
  };

  /** An answer of a daemon that was replaced meanwhile is none; one that was started by the call itself is. */
  const isFrom = (owner: string | undefined): boolean =>
    owner === undefined || owner === server.current.owner;

  const answerInTime = (body: readonly unknown[], owner: string | undefined): Promise<number> => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    let isLate = false;
    const cancel = after(answerLimitMs, () => {
      isLate = true;
      if (isFrom(owner)) overdue += 1;
      reject(new BusError(busErrors.noReply, `no answer within ${answerLimitMs} ms`));
    });
    const call = { member: 'Notify', signature: NOTIFY_SIGNATURE, body, timeoutMs: PATIENCE_MS };
    const answered = (settle: () => void, id?: number): void => {
      cancel();
      if (!isLate) settle();
      else if (isFrom(owner)) late(id);
    };
    bus
      .call({ ...notificationsTarget, ...call })
      .then(readId)
      .then(
        (id) => answered(() => resolve(id), id),
        (error: unknown) => answered(() => reject(error)),
      );
    return promise;
  };

  /** It was told as refused, and will be told in another way: it must not stand there too. */
  const late = (id: number | undefined): void => {
    if (id !== undefined) close(id);
    overdue = Math.max(0, overdue - 1);
    if (overdue === 0) available();
  };

  const refused = (error: unknown): void => {
    const errorName = error instanceof BusError ? error.errorName : '';
    // A daemon, or the bus, will be noticed when it comes; a late answer too.
    if (overdue > 0 || isStopped || awaited.has(errorName)) return;
    cancelRetry();
    cancelRetry = after(pauseMs, retry);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  };

  const retry = (): void => {
    if (server.current.owner !== undefined) {
      available();
      return;
    }
    // One that can be started will be noticed when it comes.
    const call = { member: 'StartServiceByName', signature: 'su', body: [NOTIFICATIONS, 0] };
    bus.call({ ...toBus, ...call }).catch(refused);
  };

  server.listen((event) => {
    if (event === 'changed') overdue = 0;
    else available();
  });

  return {
    get isAnswering() {
      return overdue === 0;
    },
    async notify(body) {
      if (isStopped) throw new BusError(busErrors.disconnected, 'notifications were stopped');
      if (overdue > 0) throw new BusError(busErrors.noReply, 'the daemon does not answer');
      const { owner } = server.current;
      try {
        const id = await answerInTime(body, owner);
        pauseMs = FIRST_PAUSE_MS;
        return isFrom(owner) ? id : undefined;
      } catch (error) {
        refused(error);
        throw error;
      }
    },
    close,
    stop() {
      isStopped = true;
      cancelRetry();
    },
  };
}

const awaited: ReadonlySet<string> = new Set([busErrors.serviceUnknown, busErrors.disconnected]);
const BUS = 'org.freedesktop.DBus';
const toBus = { destination: BUS, path: '/org/freedesktop/DBus', interface: BUS } as const;

const idReply = v.tuple([v.pipe(v.number(), v.integer(), v.minValue(1))]);

/** Throws where a daemon answers something else. */
function readId(reply: readonly unknown[]): number {
  const parsed = v.safeParse(idReply, reply);
  if (!parsed.success) throw new BusError(busErrors.failed, 'the daemon answered without an id');
  return parsed.output[0];
}
