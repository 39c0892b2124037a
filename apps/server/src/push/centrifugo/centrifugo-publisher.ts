import { PublishError, type PushPublisher } from '../push-publisher.ts';
import { type ApiAnswer, type CentrifugoApi, errorOf, isObject } from './api-client.ts';
import { chunkChannels } from './chunk-channels.ts';

export interface CentrifugoPublisherOptions {
  readonly api: CentrifugoApi;
  /** Told of each broadcast call. */
  readonly chunkSent?: () => void;
  /** Told of each channel that Centrifugo did not take. */
  readonly channelFailed?: (code: number) => void;
}

/** Errors of a publication that come again however often it is sent (centrifugo.md §3). */
const PERMANENT = new Set([
  102, // unknown channel
  103, // permission denied
  107, // bad request
]);
/** Events that some channels have taken and others not, remembered for the next try. */
const MAX_PARTLY_TAKEN = 256;

/** What one channel of a broadcast came to. */
interface ChannelFailure {
  readonly channel: string;
  readonly code: number;
  readonly message: string;
}

/**
 * Sends through Centrifugo's `broadcast`, in chunks. A broadcast is not atomic: what some channels
 * refuse for now is thrown as `unavailable`, and the next try with the same key leaves out those that
 * have taken it. When nothing is left but what can never be sent, it is thrown as `rejected`.
 */
export function centrifugoPublisher(options: CentrifugoPublisherOptions): PushPublisher {
  const { api, chunkSent, channelFailed } = options;
  const partlyTaken = new Map<string, Set<string>>();

  /** All of these channels have taken it. */
  function settled(idempotencyKey: string, channels: readonly string[]): void {
    const taken = partlyTaken.get(idempotencyKey);
    if (taken === undefined) return;
    for (const channel of channels) taken.delete(channel);
    if (taken.size === 0) partlyTaken.delete(idempotencyKey);
  }

  function remember(idempotencyKey: string, channels: readonly string[]): void {
    if (channels.length === 0) return;
    const taken = partlyTaken.get(idempotencyKey) ?? new Set();
    const oldest = partlyTaken.size >= MAX_PARTLY_TAKEN ? partlyTaken.keys().next() : undefined;
    if (oldest?.done === false) partlyTaken.delete(oldest.value);
    for (const channel of channels) taken.add(channel);
    partlyTaken.set(idempotencyKey, taken);
  }

  return {
    async broadcast(channels, dataJson, idempotencyKey) {
      // Objects are told apart by newlines on the WebSocket, and Centrifugo hands data on as it is.
      if (/[\r\n]/.test(dataJson)) {
        throw new PublishError(
          'rejected',
          'The data holds a line break, which no client could read.',
        );
      }
      const before = partlyTaken.get(idempotencyKey);
      const left = before === undefined ? channels : channels.filter((one) => !before.has(one));
      const failures: ChannelFailure[] = [];
      const tail = `],"data":${dataJson},"idempotency_key":${JSON.stringify(idempotencyKey)}}`;
      for (const chunk of chunkChannels(left, Buffer.byteLength(tail))) {
        chunkSent?.();
        const names = chunk.map((channel) => JSON.stringify(channel)).join(',');
        const answer = await api.call('broadcast', `{"channels":[${names}${tail}`);
        const failed = failuresOf(chunk, answer);
        if (failed === undefined) throw new PublishError('unavailable', whyNot(answer));
        const refused = new Set(failed.map(({ channel }) => channel));
        remember(
          idempotencyKey,
          chunk.filter((channel) => !refused.has(channel)),
        );
        for (const { code } of failed) channelFailed?.(code);
        failures.push(...failed);
      }
      const passing = failures.filter(({ code }) => !PERMANENT.has(code));
      if (passing.length > 0) {
        throw new PublishError('unavailable', summary(passing, channels.length));
      }
      settled(idempotencyKey, channels);
      if (failures.length > 0)
        throw new PublishError('rejected', summary(failures, channels.length));
    },
  };
}

/** The channels that did not take it; undefined: nothing is known of any. */
function failuresOf(chunk: readonly string[], answer: ApiAnswer): ChannelFailure[] | undefined {
  if (answer.kind === 'error') return chunk.map((channel) => ({ channel, ...answer }));
  if (answer.kind !== 'result' || !isObject(answer.result)) return undefined;
  const { responses } = answer.result;
  if (!Array.isArray(responses) || responses.length !== chunk.length) return undefined;
  return chunk.flatMap((channel, index) => {
    const response: unknown = responses[index];
    const error = isObject(response) && isObject(response.error) ? response.error : undefined;
    const failure = error === undefined ? undefined : errorOf(error);
    return failure === undefined ? [] : [{ channel, ...failure }];
  });
}

function whyNot(answer: ApiAnswer): string {
  switch (answer.kind) {
    case 'refused':
      return 'Centrifugo refuses the API key.';
    case 'unreachable':
      return `Centrifugo cannot be reached: ${answer.detail}.`;
    case 'foreign':
      return `What answers is not Centrifugo: ${answer.detail}.`;
    default:
      return 'Centrifugo answered a broadcast with something else.';
  }
}

function summary(failures: readonly ChannelFailure[], all: number): string {
  const [first] = failures;
  const cause = first === undefined ? '' : `${first.code} ${first.message}`;
  return `Centrifugo did not take it for ${failures.length} of ${all} channels (${cause}).`;
}
