import { beforeEach, describe, expect, it } from 'vitest';
import type { PushPublisher } from '../push-publisher.ts';
import type { ApiAnswer } from './api-client.ts';
import { centrifugoPublisher } from './centrifugo-publisher.ts';

interface Body {
  readonly channels: string[];
  readonly data: unknown;
  readonly idempotency_key: string;
}

let bodies: string[];
/** Error code of a channel, 0 for none; or the answer to the whole call. */
let judge: (channel: string) => number;
let whole: ApiAnswer | undefined;
let failures: number[];
let publisher: PushPublisher;

beforeEach(() => {
  bodies = [];
  failures = [];
  judge = () => 0;
  whole = undefined;
  publisher = centrifugoPublisher({
    channelFailed: (code) => failures.push(code),
    api: {
      async call(_method, body) {
        bodies.push(body);
        const { channels } = JSON.parse(body) as Body;
        const responses = channels.map((channel) => {
          const code = judge(channel);
          return code === 0 ? { result: {} } : { error: { code, message: `error ${code}` } };
        });
        return whole ?? { kind: 'result', result: { responses } };
      },
      close() {},
    },
  });
});

const asked = () => bodies.map((body) => (JSON.parse(body) as Body).channels);
const names = (count: number, length = 73) =>
  Array.from({ length: count }, (_, index) => `${index}/`.padEnd(length, 'u'));

describe('a broadcast through Centrifugo', () => {
  it('is one call where it fits, with the event as idempotency key', async () => {
    await publisher.broadcast(['o/a', 'o/"b'], '{"n":9007199254740993}', 'event-1');
    expect(bodies).toEqual([
      '{"channels":["o/a","o/\\"b"],"data":{"n":9007199254740993},"idempotency_key":"event-1"}',
    ]);
  });

  it('is divided by channels and by bytes, nobody left out or twice', async () => {
    const many = names(1201);
    await publisher.broadcast(many, '{}', 'event-1');
    expect(asked().map(({ length }) => length)).toEqual([500, 500, 201]);
    expect(asked().flat()).toEqual(many);
    bodies.length = 0;
    const data = JSON.stringify({ text: 'x'.repeat(500_000) });
    await publisher.broadcast(names(300, 255), data, 'event-2');
    expect(asked().length).toBeGreaterThan(1);
    expect(asked().flat()).toEqual(names(300, 255));
    for (const body of bodies) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(512 * 1024);
  });

  it('sends data that is too large for a chunk alone with each channel', async () => {
    const data = JSON.stringify({ text: 'x'.repeat(600_000) });
    await publisher.broadcast(['o/a', 'o/b'], data, 'event-1');
    expect(asked()).toEqual([['o/a'], ['o/b']]);
  });

  it('that some channels refuse for now goes to these alone the next time', async () => {
    judge = (channel) => (channel === 'o/b' ? 100 : 0);
    const again = () => publisher.broadcast(['o/a', 'o/b', 'o/c'], '{}', 'event-1');
    await expect(again()).rejects.toMatchObject({
      code: 'unavailable',
      message: 'Centrifugo did not take it for 1 of 3 channels (100 error 100).',
    });
    await expect(again()).rejects.toMatchObject({ code: 'unavailable' });
    judge = () => 0;
    await again();
    await again();
    expect(asked()).toEqual([['o/a', 'o/b', 'o/c'], ['o/b'], ['o/b'], ['o/a', 'o/b', 'o/c']]);
    expect(failures).toEqual([100, 100]);
  });

  it('that fails in its second chunk leaves out the first the next time', async () => {
    const many = names(600);
    judge = (channel) => (channel === many[550] ? 111 : 0);
    await expect(publisher.broadcast(many, '{}', 'event-1')).rejects.toThrow('111');
    judge = () => 0;
    await publisher.broadcast(many, '{}', 'event-1');
    expect(asked().map(({ length }) => length)).toEqual([500, 100, 1]);
  });

  it('is rejected when nothing is left but what can never be sent; the others have it', async () => {
    judge = (channel) => (channel === 'o/b' ? 107 : 0);
    await expect(publisher.broadcast(['o/a', 'o/b'], '{}', 'event-1')).rejects.toMatchObject({
      code: 'rejected',
      message: 'Centrifugo did not take it for 1 of 2 channels (107 error 107).',
    });
  });

  it('is not rejected while some channel may still take it', async () => {
    judge = (channel) => (channel === 'o/b' ? 107 : channel === 'o/c' ? 100 : 0);
    const again = () => publisher.broadcast(['o/a', 'o/b', 'o/c'], '{}', 'event-1');
    await expect(again()).rejects.toMatchObject({ code: 'unavailable' });
    judge = (channel) => (channel === 'o/b' ? 107 : 0);
    await expect(again()).rejects.toMatchObject({ code: 'rejected' });
    expect(asked().at(-1)).toEqual(['o/b', 'o/c']);
  });

  const answers: [string, ApiAnswer, string][] = [
    ['an internal error', { kind: 'error', code: 100, message: '' }, 'unavailable'],
    ['a bad request', { kind: 'error', code: 107, message: '' }, 'rejected'],
    ['an unknown channel', { kind: 'error', code: 102, message: '' }, 'rejected'],
    ['an error nobody knows', { kind: 'error', code: 4711, message: '' }, 'unavailable'],
    ['a refused key', { kind: 'refused' }, 'unavailable'],
    ['something else', { kind: 'foreign', detail: 'HTTP 502' }, 'unavailable'],
    ['nothing', { kind: 'unreachable', detail: 'ECONNREFUSED' }, 'unavailable'],
    ['too few responses', { kind: 'result', result: { responses: [] } }, 'unavailable'],
    ['no responses', { kind: 'result', result: null }, 'unavailable'],
  ];
  it.each(answers)('answered with %s is judged', async (_what, answer, code) => {
    whole = answer;
    await expect(publisher.broadcast(['o/a'], '{}', 'event-1')).rejects.toMatchObject({
      name: 'PublishError',
      code,
    });
  });

  it('remembers no more than so many that were taken in part', async () => {
    judge = (channel) => (channel === 'o/b' ? 100 : 0);
    for (let n = 0; n < 300; n += 1) {
      await publisher.broadcast(['o/a', 'o/b'], '{}', `event-${n}`).catch(() => {});
    }
    bodies.length = 0;
    await publisher.broadcast(['o/a', 'o/b'], '{}', 'event-0').catch(() => {});
    await publisher.broadcast(['o/a', 'o/b'], '{}', 'event-299').catch(() => {});
    expect(asked()).toEqual([['o/a', 'o/b'], ['o/b']]);
  });
});
