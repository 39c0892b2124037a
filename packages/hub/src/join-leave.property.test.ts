import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channelsWith, type FakeClient, fakeHub } from '../test/fake-hub.ts';

const CLIENTS = 5;
const STEPS = ['subscribe', 'unsubscribe', 'give', 'take', 'disconnect', 'vanish'] as const;

test('[HB80] [HB47] whoever watches a channel can tell from joins and leaves who is present', () => {
  const step = fc.record({
    what: fc.constantFrom(...STEPS),
    who: fc.nat({ max: CLIENTS - 1 }),
  });
  const holds = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const { hub, client } = fakeHub(
      channelsWith({ joinLeave: true, forcePushJoinLeave: true, presence: true }),
    );
    const watcher = client('watcher');
    watcher.subscribe('a', {}, { user: 'watcher' });
    const seen = new Set(['watcher']);
    const clients: (FakeClient | undefined)[] = [];
    const clientOf = (who: number) => {
      clients[who] ??= client(`u${who}`);
      return clients[who];
    };
    for (const { what, who } of steps) {
      const user = `u${who}`;
      const one = clientOf(who);
      if (what === 'subscribe') one?.subscribe('a', {}, { user });
      if (what === 'unsubscribe') one?.ask('unsubscribe', { channel: 'a' });
      if (what === 'give') hub.subscribe({ user }, 'a');
      if (what === 'take') hub.unsubscribe({ user }, 'a');
      if (what === 'disconnect') hub.disconnect({ user });
      if (what === 'vanish') one?.connection.closed();
      if (what === 'disconnect' || what === 'vanish') clients[who] = undefined;
      for (const { push } of watcher.take()) follow(seen, push);
      expect(
        hub
          .presence('a')
          .map((member) => member.user)
          .sort(),
      ).toEqual([...seen].sort());
    }
  });
  fc.assert(holds, { numRuns: 200 });
});

/** Nobody joins who is there, and nobody leaves who is not. */
function follow(seen: Set<string>, push: unknown): void {
  const { join, leave } = push as Partial<Record<'join' | 'leave', { info: { user: string } }>>;
  if (join !== undefined) {
    expect(seen).not.toContain(join.info.user);
    seen.add(join.info.user);
  }
  if (leave !== undefined) expect(seen.delete(leave.info.user)).toBe(true);
}
