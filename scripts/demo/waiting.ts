import { DemoError, type Hop } from './demo-error.ts';

export interface Wait<Value> {
  readonly event: Promise<Value>;
  /** A program whose end, while we wait, is a failure of the hop. */
  readonly program?: { readonly ended: Promise<number | string>; log(): string };
  /** What to say when the time is up. */
  readonly late: () => string;
}

/** Waits for the event, at most so long, and not past the program's end or an abort; then throws a DemoError. */
export async function waiting<Value>(
  hop: Hop,
  withinMs: number,
  signal: AbortSignal,
  { event, program, late }: Wait<Value>,
): Promise<Value> {
  signal.throwIfAborted();
  const given = Promise.withResolvers<never>();
  const log = () => program?.log() ?? '';
  const timer = setTimeout(
    () => given.reject(new DemoError(hop, late(), { log: log() })),
    withinMs,
  );
  const abort = () => given.reject(signal.reason);
  signal.addEventListener('abort', abort);
  const ended = program?.ended.then((code) => {
    throw new DemoError(hop, `it ended by itself (${code})`, { log: log() });
  });
  try {
    return await Promise.race([event, given.promise, ...(ended === undefined ? [] : [ended])]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
