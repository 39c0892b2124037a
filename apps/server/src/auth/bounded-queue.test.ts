import { describe, expect, it } from 'vitest';
import { BoundedQueue } from './bounded-queue.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';
import { createPasswords } from './passwords.ts';

/** Work that ends when told, and says how much of it runs. */
function stoppableWork() {
  const ends: (() => void)[] = [];
  const state = { running: 0, most: 0 };
  const work = async () => {
    state.running += 1;
    state.most = Math.max(state.most, state.running);
    await new Promise<void>((resolve) => ends.push(resolve));
    state.running -= 1;
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { work, state, ends, settle };
}

describe('the bounded queue', () => {
  it('runs two at a time, in order, and refuses what would wait too long', async () => {
    const queue = new BoundedQueue({ atOnce: 2, maxWaiting: 3 });
    const { work, state, ends, settle } = stoppableWork();
    const running = Array.from({ length: 5 }, () => queue.run(work));
    await expect(queue.run(work)).rejects.toMatchObject({ code: 'busy', retryAfterS: 2 });
    for (let done = 0; done < 5; done += 1) {
      await settle();
      ends.shift()?.();
    }
    await Promise.all(running);
    expect(state).toEqual({ running: 0, most: 2 });
  });

  it('gives its places back when work fails', async () => {
    const queue = new BoundedQueue({ atOnce: 1, maxWaiting: 1 });
    const fail = () => Promise.reject(new Error('no'));
    for (let round = 0; round < 3; round += 1) {
      await expect(queue.run(fail)).rejects.toThrow('no');
    }
    expect(await queue.run(async () => 'yes')).toBe('yes');
  });

  it('is what every password goes through: at most two hashes at a time', async () => {
    const { work, state, ends, settle } = stoppableWork();
    const queue = new BoundedQueue({ atOnce: 2, maxWaiting: 10 });
    const passwords = createPasswords(queue, {
      hash: async () => 'hash',
      verify: async () => {
        await work();
        return true;
      },
    });
    const checks = ['a', 'b', undefined, 'c'].map((hash) => passwords.verify(hash, 'x'));
    for (let done = 0; done < 4; done += 1) {
      await settle();
      ends.shift()?.();
    }
    expect(await Promise.all(checks)).toEqual([true, true, false, true]);
    expect(state.most).toBe(2);
  });
});

describe('a password hash', () => {
  it('is argon2id in PHC form, salted, and true for its password alone', async () => {
    const [one, other] = await Promise.all([hashPassword('pässword'), hashPassword('pässword')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=9216,t=4,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(other);
    expect(await verifyPassword(one, 'pässword')).toBe(true);
    expect(await verifyPassword(one, 'passwort')).toBe(false);
  });

  it('is checked with the parameters it was made with', async () => {
    // The reference implementation's own test vector (phc-winner-argon2, test.c).
    const vector =
      '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await verifyPassword(vector, 'password')).toBe(true);
  });

  it.each(['', 'plain', '$2b$10$abc', '$argon2id$v=19$m=1,t=1,p=1$$'])(
    'that cannot be read (%j) is true for nothing',
    async (hash) => {
      expect(await verifyPassword(hash, '')).toBe(false);
    },
  );
});
