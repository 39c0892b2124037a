import type { Sent } from './fake-hub.ts';

/** The code of an error reply. */
export function errorCode([sent]: readonly Sent[]): number | undefined {
  return (sent?.error as { code: number } | undefined)?.code;
}

/** Numbers of the publications that were pushed, in order. */
export function numbers(sent: readonly Sent[]): number[] {
  return sent.flatMap(({ push }) => {
    const { pub } = (push ?? {}) as { pub?: { data: { n: number } } };
    return pub === undefined ? [] : [pub.data.n];
  });
}

export interface SubscribeSent {
  readonly epoch: string;
  readonly offset?: number;
  readonly recovered?: boolean;
  readonly was_recovering?: boolean;
  readonly publications?: readonly {
    readonly data: { readonly n: number };
    readonly offset: number;
  }[];
}

/** The result of the subscribe reply. */
export function subscribed([sent]: readonly Sent[]): SubscribeSent {
  if (sent?.subscribe === undefined) throw new Error(`no subscribe reply: ${JSON.stringify(sent)}`);
  return sent.subscribe as SubscribeSent;
}
