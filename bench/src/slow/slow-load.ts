// Readers of a busy channel, a process of its own: some quick, some slow in one of two ways.
import { setTimeout as delay } from 'node:timers/promises';
import { LoadConnection } from '../hub/load-connection.ts';
import { loginFrame } from '../hub/login-frame.ts';
import type { PushServerPlace } from '../hub/messages.ts';
import { PushApi } from '../hub/push-api.ts';
import { BURDEN_CHANNEL, type SlowCommand, type SlowReport } from './messages.ts';

const PER_SECOND = 20;
const DATA_BYTES = 32_768;
/** What a trickling reader takes each second. */
const TRICKLE_BYTES = 1_024;
/** A stalled reader wakes up after this long, at random: some before the hub gives them up, some after. */
const STALL_MS = { least: 5_000, most: 20_000 } as const;
/** A slow reader that has seen its end comes back after this long, at random. */
const BACK_MS = { least: 200, most: 2_000 } as const;
const SETTLE_MS = 5_000;
/** Far from the numbers of the other load generator. */
const FIRST_USER = 1_000_000;

const scratch = Buffer.alloc(1 << 18);
let place: PushServerPlace | undefined;
let users = FIRST_USER;
let delivered = 0;
const quick: LoadConnection[] = [];

process.on('message', (command: SlowCommand) => {
  const done = command.kind === 'begin' ? begin(command) : burden(command);
  done.then(
    (message) => process.send?.(message),
    (fault: unknown) => {
      console.error(fault);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());

async function begin(command: SlowCommand & { kind: 'begin' }): Promise<SlowReport> {
  place = command.place;
  let failed = 0;
  for (let n = 0; n < command.quick; n += 1) {
    const { connection, ready } = open(command.place, {
      scratch,
      onDelivery: () => {
        delivered += 1;
      },
      onClose: (_, code) => {
        console.error(`a quick reader was closed with ${code}`);
        process.exit(1);
      },
    });
    failed += (await ready) ? 0 : 1;
    quick.push(connection);
  }
  return { kind: 'begun', failed };
}

async function burden({ slow, seconds }: SlowCommand & { kind: 'burden' }): Promise<SlowReport> {
  if (place === undefined) throw new Error('nothing is connected');
  const crowd = new SlowCrowd(place, slow);
  const api = new PushApi(place);
  const before = delivered;
  const messages = seconds * PER_SECOND;
  const startedAt = performance.now();
  for (let n = 0; n < messages; n += 1) {
    await delay(Math.max(0, startedAt + (n * 1_000) / PER_SECOND - performance.now()));
    await api.broadcast([BURDEN_CHANNEL], { text: 'x'.repeat(DATA_BYTES), n }, `${startedAt}-${n}`);
  }
  api.close();
  const expected = messages * quick.length;
  const limit = performance.now() + SETTLE_MS;
  while (delivered - before < expected && performance.now() < limit) await delay(20);
  crowd.close();
  const { ends, reconnects } = crowd;
  return { kind: 'over', ends, reconnects, expected, delivered: delivered - before };
}

/** Slow readers: half of them read nothing until they wake up, half read a little each second. */
class SlowCrowd {
  readonly ends: Record<number, number> = {};
  reconnects = 0;
  readonly #place: PushServerPlace;
  readonly #open = new Set<LoadConnection>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #isOver = false;

  constructor(place: PushServerPlace, count: number) {
    this.#place = place;
    for (let n = 0; n < count; n += 1) this.#enter(n % 2 === 0 ? 'stalled' : 'trickling');
  }

  close(): void {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const connection of this.#open) connection.destroy();
  }

  #enter(kind: 'stalled' | 'trickling'): void {
    const { connection, ready } = open(this.#place, {
      scratch: kind === 'stalled' ? scratch : Buffer.alloc(TRICKLE_BYTES),
      onDelivery: () => {},
      onClose: (_, code) => {
        this.ends[code] = (this.ends[code] ?? 0) + 1;
        this.#leave(connection, kind);
      },
    });
    this.#open.add(connection);
    void ready.then((isSubscribed) => {
      if (!isSubscribed) this.#leave(connection, kind);
      else if (kind === 'stalled') this.#stall(connection);
      else this.#trickle(connection);
    });
  }

  #leave(connection: LoadConnection, kind: 'stalled' | 'trickling'): void {
    this.#open.delete(connection);
    this.#after(between(BACK_MS), () => {
      this.reconnects += 1;
      this.#enter(kind);
    });
  }

  #stall(connection: LoadConnection): void {
    connection.pause();
    this.#after(between(STALL_MS), () => {
      connection.resume();
      // Whoever was not given up is quick for a moment, and then stalls again.
      this.#after(1_000, () => this.#open.has(connection) && this.#stall(connection));
    });
  }

  #trickle(connection: LoadConnection): void {
    connection.isTrickling = true;
    this.#after(1_000, () => {
      if (!this.#open.has(connection)) return;
      connection.resume();
      this.#trickle(connection);
    });
  }

  #after(ms: number, run: () => void): void {
    if (this.#isOver) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }
}

function open(
  at: PushServerPlace,
  options: Pick<
    ConstructorParameters<typeof LoadConnection>[0],
    'scratch' | 'onDelivery' | 'onClose'
  >,
) {
  users += 1;
  const { promise: ready, resolve: onReady } = Promise.withResolvers<boolean>();
  const connection = new LoadConnection({
    place: at,
    localAddress: `127.0.0.${20 + (users % 8)}`,
    login: loginFrame(at, users, [BURDEN_CHANNEL]),
    subscriptions: 1,
    onReady,
    ...options,
  });
  return { connection, ready };
}

function between({ least, most }: { readonly least: number; readonly most: number }): number {
  return least + Math.random() * (most - least);
}
