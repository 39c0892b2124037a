import { type FakeTelex, type FakeTelexOptions, startFakeTelex } from '@telex/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { LOGIN, type Watched, watch } from './harness.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function start(
  options: FakeTelexOptions = {},
): Promise<{ fake: FakeTelex; client: Watched }> {
  const fake = await startFakeTelex(options);
  const client = watch(fake.url);
  open.push(fake, client.session);
  return { fake, client };
}

describe('signing in to our own server', () => {
  test('takes login, one list of tokens and one connect frame', async () => {
    const organisations = Array.from({ length: 100 }, (_, index) => ({
      id: `org-${index}`,
      name: `Organisation ${index}`,
    }));
    const { fake, client } = await start({ organisations });
    const outcome = await client.session.signIn(LOGIN);
    expect(outcome).toMatchObject({ ok: true, user: { id: 'user-1' } });
    const { state } = client.session;
    expect(state.kind).toBe('live');
    expect(client.states).toEqual(['signing-in', 'connecting', 'live']);
    const beforeLive = fake.requests.slice(0, 2).map(({ route }) => route);
    expect(beforeLive).toEqual(['POST /auth/login', 'GET /centrifugo/subscriptions']);
    expect(fake.connections).toHaveLength(1);
    expect(fake.connections[0]?.frameSizes).toHaveLength(1);
    expect(fake.connections[0]?.channels.size).toBe(100);
  });
});
