// A crowd of clients, a process of its own.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiCaller, createApiCaller } from '@telex/testkit';
import type { StormCommand, StormFigures, StormPlace, StormReport } from './messages.ts';
import { StormClient, type StormHost } from './storm-client.ts';

/** So many hold a token that ran out while they were away: 15 s of a life of 15 minutes. */
const EXPIRED_SHARE = 0.017;
const COUNT_LIMIT_MS = 20_000;
/** When they first come, so many are on their way at a time. */
const AT_ONCE = 200;
const GONE = 1006;

type Begin = StormCommand & { kind: 'begin' };
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface Tally extends Mutable<Omit<StormFigures, 'closes' | 'errors'>> {
  readonly closes: Record<number, number>;
  readonly errors: Record<string, number>;
}

const clients: StormClient[] = [];
let place = { port: 0, ca: undefined as string | undefined };
let api: ApiCaller | undefined;
let tally = newTally();
let live = 0;
let startedAt = 0;
let cpuBefore = 0;
let onAllLive: (() => void) | undefined;
let onEachLive: (() => void) | undefined;

process.on('message', (command: StormCommand) => {
  switch (command.kind) {
    case 'begin':
      begin(command);
      break;
    case 'moved':
      move(command.place);
      break;
    case 'cut':
      cut();
      break;
    case 'count':
      void count(command.messages);
  }
});
process.on('disconnect', () => process.exit());

function report(message: StormReport): void {
  process.send?.(message);
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function newTally(): Tally {
  return {
    allMs: 0,
    halfMs: 0,
    dials: 0,
    closes: {},
    errors: {},
    renewals: 0,
    recovered: 0,
    caughtUp: 0,
    cpuMicros: 0,
  };
}

function move({ url, caFile }: StormPlace): void {
  const ca = caFile === null ? undefined : readFileSync(caFile, 'utf8');
  place = { port: Number(new URL(url).port), ca };
  api?.close();
  api = createApiCaller(url, caFile);
}

function begin({ place: at, organisationId, users, keys, seq }: Begin): void {
  move(at);
  const host: StormHost = {
    organisationId,
    keys,
    scratch: Buffer.alloc(1 << 18),
    place: () => place,
    api: () => {
      if (api === undefined) throw new Error('there is no server');
      return api;
    },
    onLive,
    onDial: () => {
      tally.dials += 1;
    },
    onClosed: (code) => {
      if (code !== GONE) tally.closes[code] = (tally.closes[code] ?? 0) + 1;
    },
    onError: (what) => {
      tally.errors[what] = (tally.errors[what] ?? 0) + 1;
    },
    onRenewed: () => {
      tally.renewals += 1;
    },
    onRecovered: () => {
      tally.recovered += 1;
    },
    onCaughtUp: () => {
      tally.caughtUp += 1;
    },
  };
  clients.push(...users.map((user, number) => new StormClient(host, number, user, seq)));
  restart();
  let next = 0;
  const dialNext = () => {
    clients[next]?.dial();
    next += 1;
  };
  onEachLive = dialNext;
  onAllLive = () => {
    onEachLive = undefined;
    report({
      kind: 'live',
      tookMs: performance.now() - startedAt,
      cpuMicros: cpuMicros() - cpuBefore,
    });
  };
  for (let n = 0; n < AT_ONCE; n += 1) dialNext();
}

function cut(): void {
  restart();
  onAllLive = () => {
    tally.allMs = performance.now() - startedAt;
    tally.cpuMicros = cpuMicros() - cpuBefore;
    report({ kind: 'back', ...tally });
  };
  for (const client of clients) client.cut(Math.random() < EXPIRED_SHARE);
}

function restart(): void {
  tally = newTally();
  live = 0;
  startedAt = performance.now();
  cpuBefore = cpuMicros();
}

function onLive(): void {
  live += 1;
  if (live === Math.ceil(clients.length / 2)) tally.halfMs = performance.now() - startedAt;
  onEachLive?.();
  if (live === clients.length) onAllLive?.();
}

async function count(messages: number): Promise<void> {
  const limit = performance.now() + COUNT_LIMIT_MS;
  const tooFew = () => clients.filter((client) => client.messages < messages).length;
  while (tooFew() > 0 && performance.now() < limit) await delay(50);
  const tooMany = clients.filter((client) => client.messages > messages).length;
  report({ kind: 'counted', tooFew: tooFew(), tooMany });
}
