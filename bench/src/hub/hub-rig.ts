import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { memoryMb } from '../process-figures.ts';
import type {
  HubSecrets,
  HubServerFigures,
  HubServerReady,
  HubServerStart,
  LoadCommand,
  LoadReport,
} from './messages.ts';

export interface ConnectOptions {
  readonly count: number;
  readonly first?: number;
  readonly atOnce: number;
  readonly isPersonal: boolean;
}

/** A fresh hub process and a fresh load generator, on the same machine. */
export class HubRig {
  readonly #server: ChildProcess;
  readonly #load: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #secrets: HubSecrets;
  readonly #isTls: boolean;
  #port = 0;

  private constructor(secrets: HubSecrets, serverFlags: readonly string[], isTls: boolean) {
    this.#secrets = secrets;
    this.#isTls = isTls;
    this.#server = start('hub-server.ts', serverFlags);
    this.#load = start('hub-load.ts', []);
  }

  static async start(options: {
    readonly history: boolean;
    /** Options of Node for the hub's process. */
    readonly serverFlags: readonly string[];
    readonly isTls?: boolean;
  }): Promise<HubRig> {
    const { history, serverFlags, isTls = false } = options;
    const secret = () => randomBytes(32).toString('hex');
    const secrets = { connectionSecret: secret(), subscriptionSecret: secret() };
    const rig = new HubRig(secrets, serverFlags, isTls);
    const ready = answer<HubServerReady>(rig.#server);
    const message: HubServerStart = { kind: 'start', ...secrets, history, isTls };
    rig.#server.send(message);
    rig.#port = (await ready).port;
    return rig;
  }

  /** Connects and subscribes; says how long it took and what it cost both processes. */
  async connect({ first = 0, ...options }: ConnectOptions) {
    const prepared = answer<LoadReport>(this.#load);
    const place = { port: this.#port, isTls: this.#isTls, first };
    this.#tell({ kind: 'connect', ...place, ...this.#secrets, ...options });
    await prepared;
    const before = await this.figures();
    const connected = (await answer<LoadReport>(this.#load)) as LoadReport & { kind: 'connected' };
    const after = await this.figures();
    return {
      tookMs: connected.tookMs,
      failed: connected.failed,
      loadMicros: connected.cpuMicros,
      serverMicros: after.cpuMicros - before.cpuMicros,
      closes: after.closes,
    };
  }

  /** Resolves once that many publications have arrived in all. */
  async delivered(deliveries: number) {
    const reported = answer<LoadReport>(this.#load);
    this.#tell({ kind: 'expect', deliveries });
    return (await reported) as LoadReport & { kind: 'delivered' };
  }

  /** One publish call over HTTP; its time in milliseconds. */
  publish(channels: readonly string[], data: object, key: string): Promise<number> {
    const body = JSON.stringify({ channels, data, idempotency_key: key });
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      const call = request(
        {
          agent: this.#agent,
          host: '127.0.0.1',
          port: this.#port,
          method: 'POST',
          path: '/api/broadcast',
          headers: { 'Content-Length': Buffer.byteLength(body) },
        },
        (response) => {
          response.resume();
          response.once('end', () => resolve(performance.now() - startedAt));
        },
      );
      call.once('error', reject);
      call.end(body);
    });
  }

  figures(): Promise<HubServerFigures> {
    const answered = answer<HubServerFigures>(this.#server);
    this.#server.send('figures');
    return answered;
  }

  /** Memory of the hub's process in KB of 1,024 bytes, as the kernel shares it out. */
  pssKb(): number {
    return (memoryMb(this.#server.pid ?? 0).pss * 1e6) / 1024;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    for (const child of [this.#load, this.#server]) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
  }

  #tell(command: LoadCommand): void {
    this.#load.send(command);
  }
}

function start(file: string, flags: readonly string[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), { execArgv: [...flags] });
}

async function answer<Message>(child: ChildProcess): Promise<Message> {
  const [message] = await once(child, 'message');
  return message as Message;
}
