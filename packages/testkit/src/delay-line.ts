import { connect, createServer, type Socket } from 'node:net';

export interface DelayLineOptions {
  readonly host?: string;
  readonly port: number;
  /** Half of it is added in each direction. */
  readonly roundTripMs?: number;
}

/** A TCP proxy on 127.0.0.1 that behaves like a long, breakable cable. */
export interface DelayLine {
  readonly port: number;
  /** Connections accepted so far. */
  readonly connections: number;
  /** Connections open now. */
  readonly open: number;
  /** Bytes towards the server and back. */
  readonly bytes: { readonly up: number; readonly down: number };
  /** Resets every connection; new ones are accepted. */
  cut(): void;
  /** Lets every connection stand, but nothing passes any more: a half-open link. */
  freeze(): void;
  /** New connections are accepted and get nothing through until `thaw`. */
  stall(): void;
  /** Lets new connections through again; frozen ones stay frozen. */
  thaw(): void;
  /** New connections are refused. */
  refuse(): void;
  /** Takes connections again after `refuse`. */
  accept(): void;
  close(): Promise<void>;
}

/** Runs what it is given `delayMs` later and not before `readyAt`, strictly in order. */
function createLane(delayMs: number, readyAt: number): (run: () => void) => void {
  const waiting: { readonly dueAt: number; readonly run: () => void }[] = [];
  const drain = () => {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      const waitMs = first.dueAt - performance.now();
      if (waitMs > 0.5) {
        setTimeout(drain, waitMs);
        return;
      }
      waiting.shift();
      first.run();
    }
  };
  return (run) => {
    if (delayMs === 0) {
      run();
      return;
    }
    const dueAt = Math.max(performance.now(), readyAt) + delayMs;
    waiting.push({ dueAt, run });
    if (waiting.length === 1) setTimeout(drain, dueAt - performance.now());
  };
}

interface Cable {
  readonly near: Socket;
  readonly far: Socket;
  isFrozen: boolean;
}

/** Starts a delay line before `host:port`. */
export async function startDelayLine(options: DelayLineOptions): Promise<DelayLine> {
  const { port, host = '127.0.0.1', roundTripMs = 0 } = options;
  const cables = new Set<Cable>();
  const bytes = { up: 0, down: 0 };
  let connections = 0;
  let isStalled = false;
  let isRefusing = false;

  // Pausing costs a round trip before the connection stands, as on a real cable.
  const server = createServer({ pauseOnConnect: true }, (near) => {
    if (isRefusing) {
      near.resetAndDestroy();
      return;
    }
    connections += 1;
    const far = connect({ host, port });
    const cable: Cable = { near, far, isFrozen: isStalled };
    cables.add(cable);
    near.setNoDelay(true);
    far.setNoDelay(true);
    // TCP's own handshake through the cable: one round trip before the first byte passes.
    const readyAt = performance.now() + roundTripMs;
    carry(cable, near, far, readyAt, (size) => {
      bytes.up += size;
    });
    carry(cable, far, near, 0, (size) => {
      bytes.down += size;
    });
    near.resume();
  });

  function carry(
    cable: Cable,
    from: Socket,
    to: Socket,
    readyAt: number,
    count: (size: number) => void,
  ) {
    const lane = createLane(roundTripMs / 2, readyAt);
    from.on('data', (chunk) => {
      if (cable.isFrozen) return;
      count(chunk.length);
      lane(() => {
        if (!cable.isFrozen && to.writable) to.write(chunk);
      });
    });
    from.on('end', () =>
      lane(() => {
        if (!cable.isFrozen) to.end();
      }),
    );
    from.on('error', () => {});
    from.on('close', () => {
      if (cable.isFrozen) return;
      cables.delete(cable);
      lane(() => to.destroy());
    });
  }

  const drop = (cable: Cable) => {
    cables.delete(cable);
    cable.isFrozen = true;
    cable.near.resetAndDestroy();
    cable.far.resetAndDestroy();
  };

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the delay line has no port');

  return {
    port: address.port,
    get connections() {
      return connections;
    },
    get open() {
      return cables.size;
    },
    bytes,
    cut: () => [...cables].forEach(drop),
    freeze: () => {
      for (const cable of cables) cable.isFrozen = true;
    },
    stall: () => {
      isStalled = true;
    },
    thaw: () => {
      isStalled = false;
    },
    refuse: () => {
      isRefusing = true;
      [...cables].forEach(drop);
    },
    accept: () => {
      isRefusing = false;
    },
    close: async () => {
      [...cables].forEach(drop);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
