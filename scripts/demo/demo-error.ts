/** The stretches of the way from `npm start` to the notification, in order; an error names the one it happened on. */
export const hops = {
  push: 'starting the push server',
  server: 'starting the server',
  start: 'starting Telex Start',
  login: 'logging in as the author',
  post: 'posting the message',
  notification: 'showing the notification',
} as const satisfies Record<string, string>;

export type Hop = keyof typeof hops;

export interface DemoErrorOptions {
  /** The end of the log of the program concerned. */
  readonly log?: string;
  /** The code the program itself gave, where it did. */
  readonly code?: string;
}

/** Why the demo could not go on: the hop and what happened there. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
  readonly hop: Hop;
  readonly log: string;
  readonly code: string | undefined;

  constructor(hop: Hop, message: string, { log = '', code }: DemoErrorOptions = {}) {
    super(message);
    this.hop = hop;
    this.log = log;
    this.code = code;
  }
}
