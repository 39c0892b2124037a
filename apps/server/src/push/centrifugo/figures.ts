import { Histogram, renderSamples, type Sample } from '@telex/hub/metrics';
import type { ApiAnswer } from './api-client.ts';

/** What the calls to Centrifugo came to, for `/metrics`. */
export interface CentrifugoFigures {
  answered(method: string, answer: ApiAnswer, ms: number): void;
  chunkSent(): void;
  /** Centrifugo did not take a publication for one channel. */
  channelFailed(code: number): void;
  render(now: {
    readonly isReachable: boolean;
    readonly waitingRevocations: number;
    readonly proxied: number;
  }): string;
}

/** Codes are few, but they come from outside. */
const MAX_CODES = 50;

export function centrifugoFigures(nowMs: () => number): CentrifugoFigures {
  const seconds = new Histogram('telex_centrifugo_call_seconds', "Calls of Centrifugo's HTTP API.");
  const calls = new Map<string, { method: string; outcome: string; count: number }>();
  const errors = new Map<number, number>();
  let chunks = 0;
  let lastSuccessMs = 0;
  const failed = (code: number) => {
    const known = errors.get(code);
    if (known === undefined && errors.size >= MAX_CODES) return;
    errors.set(code, (known ?? 0) + 1);
  };
  return {
    answered(method, answer, ms) {
      const key = `${method} ${answer.kind}`;
      const entry = calls.get(key) ?? { method, outcome: answer.kind, count: 0 };
      entry.count += 1;
      calls.set(key, entry);
      seconds.observe(method, ms / 1000, () => ({ method }));
      if (answer.kind === 'result') lastSuccessMs = nowMs();
      if (answer.kind === 'error' && method !== 'broadcast') failed(answer.code);
    },
    chunkSent() {
      chunks += 1;
    },
    channelFailed: failed,
    render({ isReachable, waitingRevocations, proxied }) {
      const one = (type: Sample['type'], name: string, help: string, value: number): Sample => ({
        name: `telex_centrifugo_${name}`,
        help,
        type,
        values: [{ value }],
      });
      return (
        seconds.render() +
        renderSamples([
          one('gauge', 'reachable', '1: Centrifugo takes our calls.', isReachable ? 1 : 0),
          one('gauge', 'last_success_timestamp_seconds', 'When it last did.', lastSuccessMs / 1000),
          one(
            'counter',
            'broadcast_chunks_total',
            'Calls that broadcasts were divided into.',
            chunks,
          ),
          one('gauge', 'revocations_waiting', 'Disconnects not delivered yet.', waitingRevocations),
          one('gauge', 'proxied_connections', 'WebSockets handed on to Centrifugo.', proxied),
          {
            name: 'telex_centrifugo_calls_total',
            help: 'Calls by method and what they came to.',
            type: 'counter',
            values: [...calls.values()].map(({ method, outcome, count }) => ({
              value: count,
              labels: { method, outcome },
            })),
          },
          {
            name: 'telex_centrifugo_errors_total',
            help: "Centrifugo's errors by code, of broadcasts each channel's.",
            type: 'counter',
            values: [...errors].map(([code, count]) => ({
              value: count,
              labels: { code: String(code) },
            })),
          },
        ])
      );
    },
  };
}
