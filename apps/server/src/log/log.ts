/** Structured log: fields, then a sentence. Never given a token, a password, a slug or a body. */
export interface Log {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** For promises nobody waits for: a failure is a bug, and noted as one. */
export function background(promise: Promise<unknown>, log: Log, what: string): void {
  promise.catch((error: unknown) => log.error({ err: error }, `${what} failed`));
}
