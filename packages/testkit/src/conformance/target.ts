import type { PushServer } from '../push-servers/push-server.ts';
import type { Capability } from './capabilities.ts';
import type { PushConfig } from './config.ts';

/** Whoever started it stops it. */
export type RunningPushServer = PushServer;

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
