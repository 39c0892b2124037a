/** Why the server cannot start, by a stable code; the message says what to do. */
export const startErrorTable = {
  settings: 'A setting is wrong.',
  data_unusable: 'The data directory cannot be used.',
  data_in_use: 'Another server uses the data directory.',
  newer_database: 'The database was written by a newer program.',
  damaged_keys: 'The file of signing keys is damaged.',
  too_soon: 'The signing keys were rotated a short while ago.',
  tls_unreadable: 'The certificate or its key cannot be used.',
  push_unusable: 'The push server cannot be used as configured.',
  port_taken: 'The port is taken.',
  address_unusable: 'The address cannot be listened on.',
  demo_refused: 'Demo mode would touch accounts that are not its own.',
  failed: 'Something else failed; the log says what.',
} as const;

export type StartErrorCode = keyof typeof startErrorTable;

export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The `code` of a system error (`EADDRINUSE`), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
