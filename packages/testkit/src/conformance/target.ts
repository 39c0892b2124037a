import type { Capability } from './capabilities.ts';
import type { PushConfig } from './config.ts';

/** A push server that runs as a process of its own. Whoever started it stops it. */
export interface RunningPushServer {
  /** Of the WebSocket, path included. */
  readonly wsUrl: string;
  /** Of the HTTP API, up to and without the method: `http://127.0.0.1:1234/api`. */
  readonly apiUrl: string;
  readonly apiKey: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** The end of what it wrote to stdout and stderr. */
  log(): string;
  /** SIGTERM; resolves when it is gone. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when it is gone. Idempotent. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same configuration, after it was stopped or killed. */
  restart(): Promise<void>;
}

/** What keeps the history of several servers outside their processes, and can be away. */
export interface Broker {
  /** Resolves when it is gone, with all it held. */
  stop(): Promise<void>;
  /** It is back where it was, empty. */
  restart(): Promise<void>;
}

/** How a target behaves where our hub and Centrifugo differ on purpose (`differences.ts`). */
export type Manner = 'hub' | 'stock';

export interface ConformanceTarget {
  readonly name: string;
  readonly manner: Manner;
  /** What it lacks of `capabilities.ts`, each with the reason; a case that needs it is not run on this target. */
  readonly lacks: { readonly [capability in Capability]?: string };
  start(config: PushConfig): Promise<RunningPushServer>;
  /** A broker that nobody else uses, for what `start` of the target it comes with starts. Needs the capability `broker`. */
  ownBroker?(): Promise<{
    readonly broker: Broker & { close(): Promise<void> };
    readonly target: ConformanceTarget;
  }>;
}

export function has(target: ConformanceTarget, capability: Capability): boolean {
  return target.lacks[capability] === undefined;
}
