import { BASE_PATH, IDEMPOTENCY_HEADER, type Route, routes } from '@telex/contract';
import { chooseSeed, seededRandom } from '@telex/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, type ServerRig, serverRig } from '../testing/server-rig.ts';
import { routeNames } from './registrar.ts';

const CASES_PER_ROUTE = 40;
const seed = chooseSeed();
const random = seededRandom(seed);

let rig: ServerRig;
let person: Person;
const known: string[] = [];

beforeAll(async () => {
  rig = await serverRig(['--rate-limit', 'off']);
  person = await rig.person('fuzz');
  const { id, general } = await rig.organisation(person);
  known.push(id, general, person.id);
});
afterAll(() => rig.close());

const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const text = (): string =>
  pick([
    '',
    ' ',
    'x',
    '\u0000',
    '\ud800',
    '\u202e\u0301\ufeff',
    '👩‍👩‍👧‍👦'.repeat(50),
    'A'.repeat(5000),
    "'; drop table users; --",
    '../../etc/passwd',
    '{{constructor.constructor("return 1")()}}',
    '-1',
    '1e309',
    pick(known),
    'fuzz@example.com',
    'active',
    'read',
    'Administrator',
  ]);

function value(depth = 0): unknown {
  const kind = Math.floor(random() * (depth > 3 ? 7 : 9));
  if (kind === 0) return null;
  if (kind === 1) return random() < 0.5;
  if (kind === 2) return pick([0, -1, 1.5, 2 ** 53, -(2 ** 63), 1e300, 255]);
  if (kind <= 6) return text();
  if (kind === 7) return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1));
  const keys = ['name', 'content', 'channel', 'seq', '__proto__', 'constructor', 'toString', ''];
  return Object.fromEntries(
    Array.from({ length: Math.floor(random() * 5) }, () => [pick(keys), value(depth + 1)]),
  );
}

/** Objects with the keys of the route's own schema, so that the fuzz gets past the first check. */
function bodyFor(route: Route): string {
  const roll = random();
  if (roll < 0.05) return pick(['', '{', '[', 'null', '"', '{"a":}', '\u0000', 'undefined', 'NaN']);
  if (roll < 0.08) return '['.repeat(20_000) + ']'.repeat(20_000);
  if (roll < 0.1) return `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;
  if (roll < 0.12) return `{"__proto__":{"email":"a@b","isAdmin":true},"constructor":{}}`;
  if (roll < 0.14) return `{"content":"${'x'.repeat(600_000)}"}`;
  const schema: unknown = route.body;
  const hasKeys = typeof schema === 'object' && schema !== null && 'entries' in schema;
  const keys = hasKeys ? Object.keys(schema.entries as object) : [];
  if (roll < 0.25) return JSON.stringify(value());
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, value()])));
}

function pathFor(route: Route): string {
  const part = () =>
    pick([
      pick(known),
      pick(known),
      pick(known),
      '%00',
      '%ff',
      '%zz',
      'x'.repeat(3000),
      '..',
      '%2e%2e%2f',
      '\u00e9',
      '0',
      '__proto__',
    ]);
  const path = route.path.replace(/\{\w+\}/g, part);
  const query =
    random() < 0.3
      ? `?limit=${pick(['1', '0', '-1', 'x', '9'.repeat(400), '1&limit=2'])}&cursor=${encodeURIComponent(pick(['b5', 'm1', 'x', '%', '🙂']))}&page=${pick(['1', '1000000', '2', 'a'])}`
      : '';
  return `${BASE_PATH}${path}${query}`;
}

describe(`every route takes hostile input (seed ${seed})`, () => {
  it.each(routeNames())('%s answers each with an envelope and none with 500', async (name) => {
    const route: Route = routes[name];
    for (let round = 0; round < CASES_PER_ROUTE; round += 1) {
      const url = pathFor(route);
      const body = bodyFor(route);
      // A session that ends would leave only 401s to be tested.
      const token = name === 'logout' || name === 'changePassword' ? 'none' : person.token;
      const reply = await rig.server.app.inject({
        method: route.method,
        url,
        headers: {
          authorization: pick([
            `Bearer ${token}`,
            `Bearer ${token}`,
            `bearer ${token}`,
            'Basic x',
            '',
          ]),
          'content-type': pick([
            'application/json',
            'application/json',
            'application/json',
            'application/json; charset=utf-8',
            'text/plain',
            '',
          ]),
          'x-request-id': pick(['ok-1', 'x'.repeat(500), 'a b', '']),
          [IDEMPOTENCY_HEADER]: pick(['', 'k1', 'x'.repeat(200), 'a b']),
        },
        ...(route.method === 'GET' ? {} : { payload: body }),
      });
      const where = `seed ${seed}, case ${round}: ${route.method} ${url.slice(0, 200)} ${body.slice(0, 300)} -> ${reply.body.slice(0, 300)}`;
      expect(reply.statusCode, where).toBeLessThan(500);
      if (reply.statusCode === 204) continue;
      const json = JSON.parse(reply.body);
      expect(json.status_code, where).toBe(reply.statusCode);
      if (reply.statusCode >= 400) {
        expect(json.code, where).toEqual(expect.any(String));
        expect(json.message.length, where).toBeGreaterThan(5);
        expect(reply.body, where).not.toMatch(/node_modules|\.ts:\d|SQLITE|select |at async/);
      }
    }
    expect(Object.hasOwn(Object.prototype, 'email')).toBe(false);
  });

  it('and is well afterwards', async () => {
    const fresh = await rig.person('after');
    expect((await rig.call('profile', { token: fresh.token })).status).toBe(200);
    expect(rig.logged.filter((line) => line.startsWith('error'))).toEqual([]);
  });
});
