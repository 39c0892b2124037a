import type { WireMessage } from 'dbus-native/lib/message.js';
import { type BusConnection, connectToBus } from './bus-connection.ts';

export interface BusLinkListeners {
  /** Messages can be sent; `signedIn` must be called once the bus has given us a name. */
  readonly opened: () => void;
  readonly message: (message: WireMessage) => void;
  /** The connection ended, or none could be made; another will be tried. */
  readonly lost: (why: string) => void;
}

/** A connection to a bus that is made again, with growing pauses, whenever it is lost. */
export interface BusLink {
  /** False where there is none. Throws where the message does not fit its signature. */
  send(message: WireMessage): boolean;
  signedIn(): void;
  /** Ends this connection; another will be tried. */
  drop(): void;
  /** Idempotent. */
  close(): void;
}

/** A frozen bus takes connections and never answers. */
const OPEN_LIMIT_MS = 10_000;

export function openBusLink(
  address: string,
  pauses: { readonly firstMs: number; readonly longestMs: number },
  listeners: BusLinkListeners,
): BusLink {
  let dialled: BusConnection;
  let open: BusConnection | undefined;
  let pauseMs = pauses.firstMs;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const after = (delayMs: number, run: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(run, delayMs);
    timer.unref();
  };
  const dial = (): void => {
    after(OPEN_LIMIT_MS, () => dialled.destroy());
    dialled = connectToBus(address, {
      opened(connection) {
        if (isClosed) return;
        open = connection;
        listeners.opened();
      },
      message: listeners.message,
      closed(why) {
        open = undefined;
        if (isClosed) return;
        after(pauseMs * (0.75 + Math.random() / 2), dial);
        pauseMs = Math.min(pauseMs * 2, pauses.longestMs);
        listeners.lost(why);
      },
    });
  };
  dial();
  return {
    send(message) {
      open?.send(message);
      return open !== undefined;
    },
    signedIn() {
      clearTimeout(timer);
      pauseMs = pauses.firstMs;
    },
    drop: () => dialled.destroy(),
    close() {
      isClosed = true;
      open = undefined;
      clearTimeout(timer);
      dialled.end();
    },
  };
}
