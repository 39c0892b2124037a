import { BusError, busErrors } from './bus-error.ts';

/** Told within the turn that brings the answer, before the next message is looked at. */
export interface AnswerListener {
  readonly resolve: (body: readonly unknown[]) => void;
  readonly reject: (error: BusError) => void;
}

/** Calls that wait for an answer, by serial number. */
export interface PendingCalls {
  add(serial: number, listener: AnswerListener, timeoutMs: number, what: string): void;
  resolve(serial: number | undefined, body: readonly unknown[]): void;
  reject(serial: number | undefined, error: BusError): void;
  rejectAll(why: string): void;
}

export function createPendingCalls(): PendingCalls {
  const pending = new Map<number, AnswerListener & { readonly timer: NodeJS.Timeout }>();
  const take = (serial: number | undefined): AnswerListener | undefined => {
    const call = serial === undefined ? undefined : pending.get(serial);
    if (serial === undefined || call === undefined) return undefined;
    pending.delete(serial);
    clearTimeout(call.timer);
    return call;
  };
  return {
    add(serial, listener, timeoutMs, what) {
      const giveUp = () =>
        take(serial)?.reject(
          new BusError(busErrors.noReply, `no answer to ${what} within ${timeoutMs} ms`),
        );
      const timer = setTimeout(giveUp, timeoutMs);
      timer.unref();
      pending.set(serial, { ...listener, timer });
    },
    resolve: (serial, body) => take(serial)?.resolve(body),
    reject: (serial, error) => take(serial)?.reject(error),
    rejectAll(why) {
      for (const serial of [...pending.keys()]) {
        take(serial)?.reject(new BusError(busErrors.disconnected, why));
      }
    },
  };
}
