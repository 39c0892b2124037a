// The load generator, a process of its own: raw TCP sockets, tokens signed beforehand, no JSON parsed but the replies.
import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../monotonic.ts';
import { percentile } from '../stats.ts';
import { LoadConnection } from './load-connection.ts';
import { loginFrame } from './login-frame.ts';
import { channelOf, type LoadCommand, type LoadReport, type PushServerPlace } from './messages.ts';
import { PushApi } from './push-api.ts';

type Command<Kind> = LoadCommand & { kind: Kind };

const scratch = Buffer.alloc(1 << 18);
/** What `performance.now()` reads less than the machine's clock: cheaper to ask, ten thousand times. */
const clockOffset = monotonicMs() - performance.now();
const connections: LoadConnection[] = [];
let place: PushServerPlace | undefined;
let delivered = 0;
let awaited = Number.POSITIVE_INFINITY;
/** When the messages arrived, one row a message. */
let arrivals = new Float64Array(0);
/** How many of each message have arrived, and how many a connection had before they were counted. */
let arrived: number[] = [];
let before = 0;
/** When each message was sent, where this process sends them. */
let sentMs: number[] | undefined;

process.on('message', (command: LoadCommand) => {
  switch (command.kind) {
    case 'connect':
      connectAll(command);
      break;
    case 'expect':
      sentMs = undefined;
      expect(command);
      break;
    case 'latencies':
      reportLatencies(command.sentMs);
      break;
    case 'paced':
      publishPaced(command).catch((fault: unknown) => {
        console.error(fault);
        process.exit(1);
      });
  }
});
process.on('disconnect', () => process.exit());

function report(message: LoadReport): void {
  process.send?.(message);
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function onDelivery({ deliveries }: LoadConnection): void {
  delivered += 1;
  const message = deliveries - before - 1;
  const nth = arrived[message];
  if (nth !== undefined) {
    arrivals[message * connections.length + nth] = performance.now() + clockOffset;
    arrived[message] = nth + 1;
  }
  if (delivered === awaited) {
    awaited = Number.POSITIVE_INFINITY;
    if (sentMs !== undefined) {
      reportLatencies(sentMs);
      return;
    }
    report({ kind: 'delivered', cpuMicros: cpuMicros(), atMs: monotonicMs() });
  }
}

/** The order in a channel is kept, so the n-th push of a connection is the n-th message. */
function expect({ messages }: { readonly messages: number }): void {
  delivered = 0;
  awaited = messages * connections.length;
  before = connections[0]?.deliveries ?? 0;
  arrivals = new Float64Array(messages * connections.length);
  arrived = Array.from({ length: messages }, () => 0);
}

function reportLatencies(sent: readonly number[]): void {
  const latencies = arrivals.map(
    (at, index) => at - (sent[Math.floor(index / connections.length)] ?? 0),
  );
  report({
    kind: 'latencies',
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    most: percentile(latencies, 1),
  });
}

/** Where publisher and subscribers are one process, one clock sees both ends. */
async function publishPaced({ messages, perSecond }: Command<'paced'>): Promise<void> {
  if (place === undefined) throw new Error('nothing is connected');
  const api = new PushApi(place);
  const sent: number[] = [];
  sentMs = sent;
  expect({ messages });
  const startedAt = monotonicMs();
  for (let n = 0; n < messages; n += 1) {
    await delay(Math.max(0, startedAt + (n * 1_000) / perSecond - monotonicMs()));
    sent.push(monotonicMs());
    await api.broadcast([channelOf(0, false)], { text: 'x'.repeat(280), n }, `${startedAt}-${n}`);
  }
  api.close();
}

function connectAll(command: Command<'connect'>): void {
  const { count, first, atOnce, isPersonal } = command;
  const { place: at } = command;
  place = at;
  const frames = Array.from({ length: count }, (_, index) =>
    loginFrame(at, first + index, [channelOf(first + index, isPersonal)]),
  );
  report({ kind: 'prepared' });
  const startedAt = performance.now();
  const cpuBefore = cpuMicros();
  let next = 0;
  let done = 0;
  let failed = 0;
  const one = () => {
    const login = frames[next];
    if (login === undefined) return;
    const index = next;
    next += 1;
    connections.push(
      new LoadConnection({
        place: at,
        // Several source addresses, so that ports do not run short.
        localAddress: `127.0.0.${2 + (index % 8)}`,
        login,
        subscriptions: 1,
        scratch,
        onDelivery,
        onReady: (isSubscribed) => {
          done += 1;
          failed += isSubscribed ? 0 : 1;
          if (done < count) one();
          else {
            const tookMs = performance.now() - startedAt;
            report({ kind: 'connected', tookMs, failed, cpuMicros: cpuMicros() - cpuBefore });
          }
        },
        onClose: (_, code) => {
          console.error(`a connection was closed with ${code}`);
          process.exit(1);
        },
      }),
    );
  };
  for (let index = 0; index < Math.min(atOnce, count); index += 1) one();
}
