import { connect, type Socket } from 'node:net';
import wire, { type WireMessage } from 'dbus-native/lib/message.js';
import { type BusSocket, socketsOf } from './bus-address.ts';

/** Largest message taken; what we ask for is far smaller, and a peer must not fill our memory. */
const LARGEST_MESSAGE = 8 * 1_048_576;
const LONGEST_ANSWER = 4_096;

/** One connection to a bus, signed in; it ends once and is not used again. */
export interface BusConnection {
  /** Throws where the message does not fit its signature. */
  send(message: WireMessage): void;
  /** What was sent goes out where the bus still reads; never holds the process open. Idempotent. */
  end(): void;
  destroy(): void;
}

export interface BusConnectionListeners {
  readonly opened: (connection: BusConnection) => void;
  readonly message: (message: WireMessage) => void;
  /** Told exactly once, also when it never opened. */
  readonly closed: (why: string) => void;
}

/** Tries the sockets of an address, one after the other. */
export function connectToBus(address: string, listeners: BusConnectionListeners): BusConnection {
  const [first, ...others] = socketsOf(address);
  let current = first === undefined ? undefined : dial(first);
  let isOver = false;

  function dial(target: BusSocket): ReturnType<typeof openSocket> {
    return openSocket(target, {
      ...listeners,
      closed(why, wasOpen) {
        const next = wasOpen || isOver ? undefined : others.shift();
        if (next === undefined) listeners.closed(why);
        else current = dial(next);
      },
    });
  }
  if (current === undefined) {
    setImmediate(listeners.closed, `no socket is named by the bus address ${address}`);
  }
  return {
    send: (message) => current?.send(message),
    end() {
      isOver = true;
      current?.end();
    },
    destroy() {
      isOver = true;
      current?.destroy();
    },
  };
}

interface SocketListeners extends Omit<BusConnectionListeners, 'closed'> {
  readonly closed: (why: string, wasOpen: boolean) => void;
}

function openSocket(target: BusSocket, listeners: SocketListeners): BusConnection {
  const socket = connect(target.path);
  let why = 'the bus closed the connection';
  let isOpen = false;
  let isCorked = false;

  const connection: BusConnection = {
    send(message) {
      const bytes = wire.marshall(message);
      if (!isCorked) {
        // What one turn sends goes out in one write.
        isCorked = true;
        socket.cork();
        process.nextTick(() => {
          isCorked = false;
          socket.uncork();
        });
      }
      socket.write(bytes);
    },
    end() {
      socket.end();
      socket.unref();
    },
    destroy: () => void socket.destroy(),
  };
  socket.on('error', (error) => {
    why = error.message;
  });
  socket.on('close', () => listeners.closed(why, isOpen));
  authenticate(socket, (refusal) => {
    if (refusal !== undefined) {
      why = refusal;
      socket.destroy();
      return;
    }
    isOpen = true;
    listeners.opened(connection);
    const fail = (error: unknown) => {
      why = `the bus sent something malformed: ${error instanceof Error ? error.message : error}`;
      socket.destroy();
    };
    const options = { maxMessageSize: LARGEST_MESSAGE };
    wire.unmarshalMessages(socket, listeners.message, options, fail, fail);
  });
  return connection;
}

/** The mechanism EXTERNAL, which every bus on a local socket takes (D-Bus specification, "Authentication Mechanisms"). */
function authenticate(socket: Socket, done: (refusal: string | undefined) => void): void {
  const identity = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex');
  let answer = Buffer.alloc(0);
  const read = (): void => {
    for (let chunk = socket.read(); chunk instanceof Buffer; chunk = socket.read()) {
      answer = Buffer.concat([answer, chunk]);
    }
    const end = answer.indexOf('\n');
    if (end < 0 && answer.length <= LONGEST_ANSWER) return;
    socket.off('readable', read);
    const line = answer.toString('latin1', 0, Math.max(end, 0)).trim();
    if (!line.startsWith('OK ')) {
      done(`the bus refused us: ${line.slice(0, 100)}`);
      return;
    }
    if (answer.length > end + 1) socket.unshift(answer.subarray(end + 1));
    socket.write('BEGIN\r\n');
    done(undefined);
  };
  socket.on('readable', read);
  socket.write(`\0AUTH EXTERNAL ${identity}\r\n`);
}
