/** What a publisher is told: the place in the stream, or nothing where the channel has no history. */
export interface PublishResult {
  readonly offset?: number;
  readonly epoch?: string;
}

export interface PublishOptions {
  /** A repeat within the window gives the first result and delivers nothing. */
  readonly idempotencyKey?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Delivered, and not kept: it has no offset. */
  readonly skipHistory?: boolean;
}

/** As the hub itself publishes. */
export interface Publishing extends PublishOptions {
  /** The client that publishes, as its subscribers are told; JSON text. */
  readonly info?: string;
}
