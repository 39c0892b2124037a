/** Why the program does not start; the exit code of each. */
export const startFailures = {
  usage: { exitCode: 2 },
  config: { exitCode: 2 },
  token_key: { exitCode: 2 },
  tls_unreadable: { exitCode: 1 },
  port_taken: { exitCode: 1 },
  address_unusable: { exitCode: 1 },
} as const satisfies Record<string, { readonly exitCode: number }>;

export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code: keyof typeof startFailures;

  /** @param message what is wrong and what to do; no secret */
  constructor(code: keyof typeof startFailures, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** `ENOENT` and its like. */
export function systemCode(error: unknown): string {
  const hasCode = typeof error === 'object' && error !== null && 'code' in error;
  return hasCode && typeof error.code === 'string' ? error.code : 'unknown';
}
