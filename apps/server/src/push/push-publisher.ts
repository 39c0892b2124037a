/**
 * The push server, as far as sending goes. Accepting twice under one idempotency key delivers once,
 * for as long as the push server remembers the key.
 */
export interface PushPublisher {
  /**
   * Gives the same data to several push channels. Settles when the push server has accepted it.
   * @param dataJson JSON text, sent on as it is.
   * @throws PublishError
   */
  broadcast(channels: readonly string[], dataJson: string, idempotencyKey: string): Promise<void>;
}

/** Codes of a failed broadcast, and whether the same broadcast can succeed later. */
export const publishErrorTable = {
  unavailable: { retry: true, meaning: 'The push server cannot be reached or is overloaded.' },
  rejected: { retry: false, meaning: 'The push server will never take this publication.' },
} as const satisfies Record<string, { readonly retry: boolean; readonly meaning: string }>;

export type PublishErrorCode = keyof typeof publishErrorTable;

export class PublishError extends Error {
  override readonly name = 'PublishError';
  readonly code: PublishErrorCode;

  constructor(code: PublishErrorCode, message: string = publishErrorTable[code].meaning) {
    super(message);
    this.code = code;
  }
}

/** Whether the failure is for ever. What is not known to be is tried again. */
export function isPermanent(error: unknown): boolean {
  return error instanceof PublishError && !publishErrorTable[error.code].retry;
}
