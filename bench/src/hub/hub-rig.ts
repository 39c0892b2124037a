import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { memoryMb, preciseCpuMicros } from '../process-figures.ts';
import type { LoadCommand, LoadReport } from './messages.ts';
import { type PushProcess, startPushProcess } from './push-process.ts';
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

  static async start(target: PushTarget, options: { readonly isTls: boolean }): Promise<HubRig> {
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

  /** From publishing to the push, seen from one process with one connection. */
  roundTrips(messages: number, perSecond: number) {
    const reported = this.#answer<'latencies'>();
    this.#tell({ kind: 'round-trips', messages, perSecond });
    return reported;
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
  async #answer<Kind extends LoadReport['kind']>(): Promise<Report<Kind>> {
    const answered = new AbortController();
    const signal = AbortSignal.any([answered.signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
    const [message] = await Promise.race([
      once(this.#load, 'message', { signal }),
      once(this.#load, 'exit', { signal }).then(() => {
        throw new Error('the load generator has ended');
      }),
    ]).finally(() => answered.abort());
    return message as Report<Kind>;
  }
}
