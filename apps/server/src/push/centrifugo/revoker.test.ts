import { beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../log/log.ts';
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts';
import type { ApiAnswer } from './api-client.ts';
import { Revoker } from './revoker.ts';

const DONE: ApiAnswer = { kind: 'result', result: {} };
const AWAY: ApiAnswer = { kind: 'unreachable', detail: 'ECONNREFUSED' };

let clock: FakeClock;
let calls: { readonly method: string; readonly body: unknown }[];
let answer: () => ApiAnswer;
let errors: string[];
let revoker: Revoker;
beforeEach(() => {
  clock = fakeClock();
  calls = [];
  errors = [];
  answer = () => DONE;
  revoker = new Revoker({
    api: {
      async call(method, body) {
        calls.push({ method, body: JSON.parse(body) });
        return answer();
      },
      close() {},
    },
    clock,
    random: () => 0.5,
    log: { ...silentLog, error: (_fields, message) => errors.push(message) },
    worthMs: 60_000,
  });
});

describe('ending what is open at Centrifugo', () => {
  it('is asked for at once, so that clients come back with a new token', async () => {
    revoker.disconnect('ada');
    revoker.unsubscribe('ben', 'org/ben');
    await clock.advance(0);
    expect(calls).toEqual([
      {
        method: 'disconnect',
        body: { user: 'ada', disconnect: { code: 3005, reason: 'connection expired' } },
      },
      { method: 'unsubscribe', body: { user: 'ben', channel: 'org/ben' } },
    ]);
    expect(revoker.waiting).toBe(0);
  });

  it('is never asked for without a user, which would be everybody without one', async () => {
    revoker.disconnect('');
    revoker.unsubscribe('', 'org/ben');
    revoker.unsubscribe('ben', '');
    await clock.advance(1000);
    expect(calls).toEqual([]);
  });

  it.each([
    ['away', AWAY],
    ['in trouble', { kind: 'error', code: 100, message: '' }],
    ['refusing the key', { kind: 'refused' }],
  ] as [string, ApiAnswer][])('is tried again while Centrifugo is %s', async (_what, trouble) => {
    answer = () => trouble;
    revoker.disconnect('ada');
    await clock.advance(0);
    await clock.advance(10_000);
    const tries = calls.length;
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(20);
    expect(revoker.waiting).toBe(1);
    answer = () => DONE;
    await clock.advance(5000);
    expect([calls.length, revoker.waiting]).toEqual([tries + 1, 0]);
  });

  it('is tried again within half a second at first', async () => {
    answer = () => AWAY;
    revoker.disconnect('ada');
    await clock.advance(0);
    answer = () => DONE;
    await clock.advance(500);
    expect([calls.length, revoker.waiting]).toEqual([2, 0]);
  });

  it('is given up when no token can be alive any more', async () => {
    answer = () => AWAY;
    revoker.disconnect('ada');
    await clock.advance(0);
    await clock.advance(70_000);
    expect(revoker.waiting).toBe(0);
  });

  it('is given up and told where it can never be done', async () => {
    answer = () => ({ kind: 'error', code: 107, message: 'bad request' });
    revoker.disconnect('ada');
    await clock.advance(10_000);
    expect([calls.length, revoker.waiting, errors.length]).toEqual([1, 0, 1]);
  });

  it('is one thing to do, however often it was asked for', async () => {
    answer = () => AWAY;
    for (let n = 0; n < 100; n += 1) revoker.disconnect('ada');
    await clock.advance(20);
    answer = () => DONE;
    calls.length = 0;
    await clock.advance(1000);
    expect(calls.length).toBe(1);
  });

  it('stays bounded in an outage; the oldest is given up, and said so', async () => {
    answer = () => AWAY;
    for (let n = 0; n < 10_100; n += 1) revoker.disconnect(`user-${n}`);
    await clock.advance(0);
    expect(revoker.waiting).toBeLessThanOrEqual(10_004);
    expect(errors.length).toBeGreaterThan(0);
    calls.length = 0;
    answer = () => DONE;
    await clock.advance(10_000);
    expect(revoker.waiting).toBe(0);
    expect(calls.length).toBeGreaterThanOrEqual(10_000);
  });

  it('stops with the server', async () => {
    answer = () => AWAY;
    revoker.disconnect('ada');
    await clock.advance(0);
    revoker.close();
    await clock.advance(10_000);
    expect([calls.length, clock.pending()]).toEqual([1, 0]);
  });
});
