import { type RouteName, routes } from '@telex/contract';
import { chooseSeed, createFakeClock, seededRandom } from '@telex/testkit';
import { expect, test } from 'vitest';
import { createApiClient } from './api.ts';
import { faultTable } from './faults.ts';
import type { HttpReply, HttpRequest } from './ports.ts';

const SECRET = 'eyJsecret';

function client(answer: (request: HttpRequest) => HttpReply) {
  const sent: HttpRequest[] = [];
  const http = {
    preconnect: () => {},
    closeIdle: () => {},
    send: async (request: HttpRequest) => {
      sent.push(request);
      return answer(request);
    },
  };
  const clock = createFakeClock(Date.parse('2026-01-01T00:00:00Z'));
  return { sent, api: createApiClient(http, clock, 'https://telex.example', 'test/1') };
}
const reply = (status: number, body: unknown, headers: Record<string, string> = {}): HttpReply => ({
  ok: true,
  status,
  header: (name) => headers[name],
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const organisations = [{ id: 'o', name: 'Northwind', more: 1 }];

test('the three documented envelopes are one reply', async () => {
  for (const body of [
    { status: 'success', status_code: 200, message: 'ok', data: organisations },
    { data: organisations },
    organisations,
  ]) {
    const { api } = client(() => reply(200, body));
    const credential = { kind: 'bearer', token: SECRET } as const;
    expect(await api.request('myOrganisations', { credential })).toEqual({
      ok: true,
      value: organisations,
    });
  }
});

test('tokens go into headers, parameters are encoded, and nothing secret is in the URL', async () => {
  const { api, sent } = client(() => reply(404, {}));
  await api.request('markRead', {
    credential: { kind: 'bearer', token: SECRET },
    parameters: { thread_id: 'a/b?c' },
    body: {},
  });
  await api.request('connectionToken', { credential: { kind: 'notification', token: SECRET } });
  expect(sent.map(({ url }) => url)).toEqual([
    'https://telex.example/api/v1/threads/a%2Fb%3Fc/read',
    'https://telex.example/api/v1/centrifugo/connection',
  ]);
  expect(sent[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
  expect(sent[1]?.headers['x-notification-token']).toBe(SECRET);
  expect(sent[1]?.headers.authorization).toBeUndefined();
});

test('Retry-After is read as seconds and as a date, and bounded', async () => {
  const cases: [string, number | undefined][] = [
    ['7', 7_000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2020 00:00:00 GMT', undefined],
    ['soon', undefined],
    ['-3', undefined],
    ['999999999', 3_600_000],
  ];
  for (const [value, waitMs] of cases) {
    const { api } = client(() => reply(429, {}, { 'retry-after': value }));
    const outcome = await api.request('unread', { credential: { kind: 'none' } });
    if (outcome.ok) throw new Error('no fault');
    expect(outcome.fault.waitMs, value).toBe(waitMs);
  }
});

test('[S1] [L8] damaged and hostile replies of every route are outcomes that repeat nothing secret', async () => {
  const seed = chooseSeed();
  console.log(`replies: TELEX_SEED=${seed}`);
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T | undefined =>
    items[Math.floor(random() * items.length)];
  const names = Object.keys(routes) as RouteName[];
  const value = (depth: number): unknown => {
    const kind = random();
    if (depth > 0 && kind < 0.35) {
      const keys = [
        'data',
        'user',
        'id',
        'name',
        'token',
        'access_token',
        'organisations',
        'events',
        '__proto__',
        SECRET,
      ];
      return Object.fromEntries(
        Array.from({ length: 4 }, () => [pick(keys) ?? '', value(depth - 1)]),
      );
    }
    if (depth > 0 && kind < 0.5) return Array.from({ length: 3 }, () => value(depth - 1));
    return pick([null, true, 0, -1, 1e308, '', SECRET, 'x'.repeat(9_000), '\u0000']);
  };
  for (let round = 0; round < 20_000; round += 1) {
    const name = pick(names) ?? 'login';
    const whole = JSON.stringify(value(4)) ?? '';
    const body = random() < 0.3 ? whole.slice(0, random() * whole.length) : whole;
    const status = pick([200, 200, 200, 201, 204, 301, 400, 401, 404, 422, 429, 500, 503, 999]);
    const { api } = client(() => reply(status ?? 200, body));
    const outcome = await api.request(name, {
      credential: { kind: 'bearer', token: SECRET },
      parameters: new Proxy({}, { get: () => 'p' }),
    });
    if (outcome.ok) continue;
    expect(Object.keys(faultTable), `seed ${seed}, round ${round}`).toContain(outcome.fault.code);
    expect(JSON.stringify(outcome), `seed ${seed}, round ${round}`).not.toContain(SECRET);
  }
});
