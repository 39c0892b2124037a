import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ApiCaller, createApiCaller, launchServer, type ServerProcess } from '@telex/testkit';
import { preciseCpuMicros } from '../process-figures.ts';
import { percentile } from '../stats.ts';
import { UNLIMITED } from '../unlimited.ts';
import type { StormCommand, StormFigures, StormReport } from './messages.ts';
import { populate } from './population.ts';

/** Posted while everyone is away. */
const MESSAGES = 3;
const PROBE_MS = 50;
const LIVE_LIMIT_MS = 180_000;
/** As `apps/server/bin/telex-server.mjs` has it. */
const NODE_FLAGS = ['--max-semi-space-size=4'];

export interface StormOptions {
  readonly clients: number;
  readonly isTls: boolean;
  /** `cut`: the links break. `killed`: the server is killed and started again, and its hub forgets all. */
  readonly how: 'cut' | 'killed';
  readonly progress: (line: string) => void;
}

export interface StormOutcome extends StormFigures {
  /** Of requests to the API from the cut until everyone was live, in ms. */
  readonly apiP99: number;
  readonly apiCalls: number;
  readonly failedCalls: number;
  /** Close codes that end a client for good. */
  readonly terminal: number;
  readonly serverMicros: number;
  /** Clients that missed a message posted while they were away. */
  readonly tooFew: number;
  /**
   * Clients that were sent one twice. Only after a cut: a server that was killed sends again what it does not know to
   * be sent, and clients tell by the seq that they know it (the kill bench looks at that).
   */
  readonly tooMany: number;
}

/** Everyone is connected; then every link is cut in one moment, and everyone comes back as clients do. */
export async function stormRun(options: StormOptions): Promise<StormOutcome> {
  const { clients, isTls, how, progress } = options;
  const dataDir = mkdtempSync(join(tmpdir(), 'telex-storm-'));
  const flags = [...UNLIMITED, ...(isTls ? [] : ['--http'])];
  const launch = (port: number, demo = true) =>
    launchServer({ dataDir, demo, port, flags, nodeFlags: NODE_FLAGS });
  let server: ServerProcess | undefined;
  let api: ApiCaller | undefined;
  const crowd = new Crowd();
  try {
    server = await launch(0);
    const { organisation, channel } = demoOf(server);
    await server.stop();
    const where = { organisationId: organisation.id, channelId: channel.id };
    const { users, keys, seq } = populate(dataDir, where, clients);
    server = await launch(0);
    let place = { url: server.ready.url, caFile: server.ready.ca_file };
    const [{ email, password }] = demoOf(server).accounts;
    const caller = createApiCaller(place.url, place.caFile);
    api = caller;
    const { access_token: token } = await caller.call('login', { body: { email, password } });
    const post = (n: number) =>
      caller.call('postMessage', {
        params: { channel_id: channel.id },
        token,
        body: { content: `while you were away: ${n}` },
      });
    const began = crowd.answer<'live'>();
    crowd.tell({ kind: 'begin', place, organisationId: organisation.id, users, keys, seq });
    const first = await began;
    progress(`${clients} clients live after ${(first.tookMs / 1_000).toFixed(1)} s`);
    await post(0);
    await counted(crowd, 1);
    await delay(1_000);

    const back = crowd.answer<'back'>();
    const pid = server.pid;
    let serverBefore = preciseCpuMicros(pid);
    if (how === 'cut') {
      crowd.tell({ kind: 'cut' });
      for (let n = 1; n <= MESSAGES; n += 1) await post(n);
    } else {
      // Posted, answered, and killed before or while it went out.
      for (let n = 1; n <= MESSAGES; n += 1) await post(n);
      crowd.tell({ kind: 'cut' });
      await server.kill();
      // Seeding the demo again would end the sessions of its people.
      server = await launch(Number(new URL(place.url).port), false);
      place = { url: server.ready.url, caFile: server.ready.ca_file };
      crowd.tell({ kind: 'moved', place });
      serverBefore = 0;
    }
    const probes = new Probes(caller, token);
    const figures = await back;
    const { latencies, failed } = await probes.end();
    const serverMicros = preciseCpuMicros(server.pid) - serverBefore;
    const { tooFew, tooMany } = await counted(crowd, 1 + MESSAGES);
    return {
      ...figures,
      apiP99: percentile(latencies, 0.99),
      apiCalls: latencies.length,
      failedCalls: failed,
      terminal: Object.keys(figures.closes).filter((code) => isTerminal(Number(code))).length,
      serverMicros,
      tooFew,
      tooMany: how === 'cut' ? tooMany : 0,
    };
  } finally {
    crowd.close();
    api?.close();
    await server?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function counted(crowd: Crowd, messages: number) {
  const answer = crowd.answer<'counted'>();
  crowd.tell({ kind: 'count', messages });
  return answer;
}

/** Codes after which the SDK does not come back (centrifugo.md §4). */
function isTerminal(code: number): boolean {
  return (code >= 3500 && code < 4000) || (code >= 4500 && code < 5000);
}

function demoOf({ ready: { demo } }: ServerProcess) {
  if (demo === undefined) throw new Error('the server seeded no demo organisation');
  return demo;
}

/** A request now and then, as somebody who has stayed; each waits for the one before. */
class Probes {
  readonly #latencies: number[] = [];
  #failed = 0;
  #isOver = false;
  readonly #done: Promise<void>;

  constructor(api: ApiCaller, token: string) {
    this.#done = this.#run(api, token);
  }

  async end() {
    this.#isOver = true;
    await this.#done;
    return { latencies: this.#latencies, failed: this.#failed };
  }

  async #run(api: ApiCaller, token: string): Promise<void> {
    do {
      const startedAt = performance.now();
      const reply = await api.raw('unread', { token }).catch(() => undefined);
      if (reply?.status === 200) this.#latencies.push(performance.now() - startedAt);
      else this.#failed += 1;
      await delay(PROBE_MS);
    } while (!this.#isOver);
  }
}

/** The process of the clients. */
class Crowd {
  readonly #child: ChildProcess = fork(fileURLToPath(new URL('storm-load.ts', import.meta.url)), {
    execArgv: [],
  });

  tell(command: StormCommand): void {
    this.#child.send(command);
  }

  async answer<Kind extends StormReport['kind']>(): Promise<StormReport & { kind: Kind }> {
    const answered = new AbortController();
    const signal = AbortSignal.any([answered.signal, AbortSignal.timeout(LIVE_LIMIT_MS)]);
    const [message] = await Promise.race([
      once(this.#child, 'message', { signal }),
      once(this.#child, 'exit', { signal }).then(() => {
        throw new Error('the crowd has ended');
      }),
    ]).finally(() => answered.abort());
    return message as StormReport & { kind: Kind };
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
