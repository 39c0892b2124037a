import { beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../log/log.ts';
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts';
import type { ApiAnswer, CentrifugoApi } from './api-client.ts';
import { Reachability } from './reachability.ts';

const GOOD: ApiAnswer = { kind: 'result', result: {} };
const AWAY: ApiAnswer = { kind: 'unreachable', detail: 'ECONNREFUSED' };

let clock: FakeClock;
let logged: string[];
let probes: number;
let answer: ApiAnswer;
let reachability: Reachability;
let api: CentrifugoApi;
beforeEach(() => {
  clock = fakeClock();
  logged = [];
  probes = 0;
  answer = GOOD;
  const note = (level: string) => (_fields: object, message: string) => {
    logged.push(`${level} ${message}`);
  };
  const log = { ...silentLog, info: note('info'), warn: note('warn'), error: note('error') };
  reachability = new Reachability({ clock, log, url: 'http://127.0.0.1:8000/' });
  api = {
    async call() {
      probes += 1;
      reachability.heard(answer);
      return answer;
    },
    close() {},
  };
});

const state = () => {
  const { ok, details } = reachability.health();
  return [ok, details?.state];
};

describe('whether Centrifugo can be reached', () => {
  it('is asked at the start, and then where nothing else has said so', async () => {
    expect(state()).toEqual([true, 'unknown']);
    reachability.startProbing(api);
    await clock.advance(0);
    expect([state(), probes]).toEqual([[true, 'reachable'], 1]);
    await clock.advance(10_000);
    expect(probes).toBe(2);
    for (let s = 0; s < 60; s += 1) {
      reachability.heard(GOOD);
      await clock.advance(1000);
    }
    expect(probes).toBe(2);
    reachability.close();
    expect(clock.pending()).toBe(0);
  });

  it('is bad after it has been away for 30 s, since when is told', async () => {
    reachability.heard(GOOD);
    await clock.advance(5000);
    reachability.heard(AWAY);
    const since = new Date(clock.now()).toISOString();
    await clock.advance(29_000);
    reachability.heard(AWAY);
    expect(reachability.health()).toEqual({
      ok: true,
      details: { state: 'unreachable', since, detail: 'ECONNREFUSED' },
    });
    await clock.advance(1000);
    expect(state()).toEqual([false, 'unreachable']);
    reachability.heard(GOOD);
    expect(state()).toEqual([true, 'reachable']);
  });

  it.each([
    [{ kind: 'refused' }, 'key refused', 'http_api.key'],
    [{ kind: 'foreign', detail: 'HTTP 404' }, 'not centrifugo', '--centrifugo-api'],
  ] as [ApiAnswer, string, string][])('is bad at once with %o', (wrong, name, advice) => {
    reachability.heard(wrong);
    expect(state()).toEqual([false, name]);
    expect(logged.join()).toContain(advice);
  });

  it('is good as long as it answers, be it with errors', () => {
    reachability.heard({ kind: 'error', code: 100, message: 'internal server error' });
    expect(state()).toEqual([true, 'reachable']);
  });

  it('is told once for each change', () => {
    for (const one of [GOOD, GOOD, AWAY, AWAY, GOOD]) reachability.heard(one);
    expect(logged).toEqual([
      'info Centrifugo takes our calls',
      'warn Centrifugo cannot be reached; messages are kept and sent when it can',
      'info Centrifugo takes our calls again; what waits is sent now',
    ]);
  });
});
