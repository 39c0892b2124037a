import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeCentrifugoApi, fakeCentrifugoApi } from '../../../test/fake-centrifugo-api.ts';
import { systemClock } from '../../clock.ts';
import { type CentrifugoApi, createCentrifugoApi } from './api-client.ts';

let fake: FakeCentrifugoApi;
let api: CentrifugoApi;
const open = (more: object = {}) =>
  createCentrifugoApi({ url: fake.url, key: fake.key, clock: systemClock, ...more });
beforeEach(async () => {
  fake = await fakeCentrifugoApi();
  api = open();
});
afterEach(async () => {
  api.close();
  await fake.close();
});

describe("a call of Centrifugo's API", () => {
  it('goes to its path with the key in a header, the body as it is', async () => {
    expect(await api.call('publish', '{"n":9007199254740993}')).toEqual({
      kind: 'result',
      result: {},
    });
    const [call] = fake.calls;
    expect([call?.method, call?.body]).toEqual(['publish', '{"n":9007199254740993}']);
    expect(call?.headers['x-api-key']).toBe(fake.key);
  });

  it('goes to a path of the operator', async () => {
    const elsewhere = open({ url: `${fake.url}/push/api/` });
    await elsewhere.call('info', '{}');
    expect(fake.calls[0]?.method).toBe('/pushinfo');
    elsewhere.close();
  });

  it.each([
    ['in the body', { body: { error: { code: 107, message: 'bad request' } } }, 107],
    ['as HTTP status', { status: 400, body: { code: 107, message: 'bad request' } }, 107],
    ['as HTTP status 500', { status: 500, body: { code: 100, message: 'internal' } }, 100],
    ['of a body that cannot be decoded', { status: 400, body: 'Bad Request\n' }, 107],
  ])('gives an error %s', async (_where, reply, code) => {
    fake.answer = () => reply;
    expect(await api.call('publish', '{}')).toMatchObject({ kind: 'error', code });
  });

  it.each([
    ['a wrong key', { status: 401, body: '' }, 'refused'],
    ['a page', { body: '<html>' }, 'foreign'],
    ['a page that is not there', { status: 404, body: 'not found' }, 'foreign'],
    ['a proxy without Centrifugo', { status: 502, body: '' }, 'foreign'],
    ['JSON of something else', { body: { hello: 1 } }, 'foreign'],
    ['an error without a code', { body: { error: 'no' } }, 'foreign'],
    [
      'a TLS port',
      { status: 400, body: 'Client sent an HTTP request to an HTTPS server.' },
      'foreign',
    ],
    ['a redirect', { status: 302, body: '' }, 'foreign'],
    ['a connection that is cut', 'reset' as const, 'unreachable'],
  ])('tells %s from an answer', async (_what, reply, kind) => {
    fake.answer = () => reply;
    expect((await api.call('publish', '{}')).kind).toBe(kind);
  });

  it('ends after a time, and where nobody listens', async () => {
    fake.answer = () => 'hang';
    const impatient = open({ timeoutMs: 30 });
    const late = { kind: 'unreachable', detail: 'no answer within 30 ms' };
    expect(await impatient.call('publish', '{}')).toEqual(late);
    impatient.close();
    const nobody = open({ url: 'http://127.0.0.1:1' });
    expect(await nobody.call('publish', '{}')).toEqual({
      kind: 'unreachable',
      detail: 'ECONNREFUSED',
    });
    nobody.close();
  });

  it('uses one connection for many, and notices one that was closed meanwhile', async () => {
    for (let n = 0; n < 20; n += 1) await api.call('publish', '{}');
    expect(fake.connections()).toBe(1);
    // Cut just when the next call is on its way: tried again on another, unseen.
    const { answer } = fake;
    let isFirst = true;
    fake.answer = (call) => {
      const reply = isFirst ? 'reset' : answer(call);
      isFirst = false;
      return reply;
    };
    expect((await api.call('publish', '{}')).kind).toBe('result');
    expect(fake.connections()).toBe(2);
  });

  it('is told with what it came to, never with the key', async () => {
    const told: unknown[] = [];
    const watched = open({ answered: (...all: unknown[]) => told.push(all) });
    await watched.call('info', '{}');
    fake.answer = () => ({ status: 401, body: '' });
    await watched.call('info', '{}');
    fake.answer = () => 'reset';
    await watched.call('info', '{}');
    expect(told).toMatchObject([
      ['info', { kind: 'result' }, expect.any(Number)],
      ['info', { kind: 'refused' }, expect.any(Number)],
      ['info', { kind: 'unreachable' }, expect.any(Number)],
    ]);
    expect(JSON.stringify(told)).not.toContain(fake.key);
    watched.close();
  });

  it('is not made any more after closing', async () => {
    api.close();
    expect(await api.call('info', '{}')).toEqual({
      kind: 'unreachable',
      detail: 'this server is stopping',
    });
  });
});
