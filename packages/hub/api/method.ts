import type { Hub } from '../src/index.ts';
import type { Fields } from './fields.ts';

/** What a process says about itself in `info`. */
export interface NodeInfo {
  readonly uid: string;
  readonly name: string;
  readonly version: string;
  readonly uptimeS: number;
}

/** What the methods work on. */
export interface ApiHost {
  readonly hub: Hub;
  readonly node: () => NodeInfo;
  /** Told of what should not happen; the request is answered with error 100. */
  readonly failed: (error: unknown) => void;
}

/** Does what a request asks for, and gives the result as JSON text. Throws HubError. */
export type Call = () => string;

/** Reads a request, before anything is done; throws Undecodable, or HubError. */
export type Method = (fields: Fields, host: ApiHost) => Call;
