import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { memoryMb, preciseCpuMicros } from '../process-figures.ts';
import type { LoadCommand, LoadReport, PushServerPlace } from './messages.ts';
import { type PushProcess, type PushProcessOptions, startPushProcess } from './push-process.ts';
import type { PushTarget } from './push-target.ts';

export interface ConnectOptions {
  readonly count: number;
  readonly first?: number;
  readonly atOnce: number;
  readonly isPersonal: boolean;
}

/** Nothing that is asked of it takes longer than a run may. */
const ANSWER_LIMIT_MS = 60_000;

type Report<Kind> = LoadReport & { kind: Kind };

/** A fresh push server and a fresh load generator, on the same machine. */
export class HubRig {
  readonly #server: PushProcess;
  readonly #load: ChildProcess;

  private constructor(server: PushProcess) {
    this.#server = server;
    this.#load = fork(fileURLToPath(new URL('hub-load.ts', import.meta.url)), { execArgv: [] });
  }

  static async start(target: PushTarget, options: PushProcessOptions): Promise<HubRig> {
    return new HubRig(await startPushProcess(target, options));
  }

  /** Connects and subscribes; says how long it took and what it cost both processes. Rejects when one fails. */
  async connect({ first = 0, ...options }: ConnectOptions) {
    const prepared = this.#answer<'prepared'>();
    this.#tell({ kind: 'connect', place: this.#server.place, first, ...options });
    await prepared;
    const before = this.serverMicros();
    const { failed, tookMs, cpuMicros } = await this.#answer<'connected'>();
    const serverMicros = this.serverMicros() - before;
    if (failed > 0) throw new Error(`${failed} of ${options.count} connections failed`);
    return { tookMs, loadMicros: cpuMicros, serverMicros };
  }

  /** Resolves once every connection has had that many publications from now on. */
  delivered(messages: number) {
    const reported = this.#answer<'delivered'>();
    this.#tell({ kind: 'expect', messages });
    return reported;
  }

  /** From when each message was sent to when it arrived at each connection; after `delivered`. */
  latencies(sentMs: readonly number[]) {
    const reported = this.#answer<'latencies'>();
    this.#tell({ kind: 'latencies', sentMs });
    return reported;
  }

  /** Publishes to the one channel from the load generator; how long it took to arrive everywhere. */
  paced(messages: number, perSecond: number) {
    const reported = this.#answer<'latencies'>((messages / perSecond) * 1_000);
    this.#tell({ kind: 'paced', messages, perSecond });
    return reported;
  }

  get place(): PushServerPlace {
    return this.#server.place;
  }

  /** How many connections the server has closed with this code, as its metrics say. */
  async closesWith(code: number): Promise<number> {
    const metrics = await this.#server.api.get('/metrics');
    const line = new RegExp(`^\\S*num_server_disconnects\\S*code="${code}"\\S* (\\d+)`, 'm');
    return Number(line.exec(metrics)?.[1] ?? 0);
  }

  /** One call over HTTP; its time in milliseconds. */
  publish(channels: readonly string[], data: object, key: string): Promise<number> {
    return this.#server.api.broadcast(channels, data, key);
  }

  /** CPU time of the server so far, user and system. */
  serverMicros(): number {
    return preciseCpuMicros(this.#server.pid);
  }

  /** Memory of the server in KB of 1,024 bytes, as the kernel shares it out. */
  pssKb(): number {
    return (memoryMb(this.#server.pid).pss * 1e6) / 1024;
  }

  async close(): Promise<void> {
    const gone = once(this.#load, 'exit');
    if (this.#load.exitCode === null) {
      this.#load.kill('SIGKILL');
      await gone;
    }
    await this.#server.close();
  }

  #tell(command: LoadCommand): void {
    this.#load.send(command);
  }

  /** The load generator's next report; rejects when it has died instead. */
  async #answer<Kind extends LoadReport['kind']>(moreMs = 0): Promise<Report<Kind>> {
    const answered = new AbortController();
    const signal = AbortSignal.any([
      answered.signal,
      AbortSignal.timeout(ANSWER_LIMIT_MS + moreMs),
    ]);
    const [message] = await Promise.race([
      once(this.#load, 'message', { signal }),
      once(this.#load, 'exit', { signal }).then(() => {
        throw new Error('the load generator has ended');
      }),
    ]).finally(() => answered.abort());
    return message as Report<Kind>;
  }
}
