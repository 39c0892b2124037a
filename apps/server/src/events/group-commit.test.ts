import { describe, expect, test } from 'vitest';
import { nextTurn } from '../next-turn.ts';
import { createGroupCommit, type Outcome } from './group-commit.ts';

function doubler(fails: (jobs: readonly number[]) => boolean = () => false) {
  const batches: number[][] = [];
  const commits = createGroupCommit<number, number>({
    maxBatch: 4,
    maxWaiting: 6,
    commit: async (jobs) => {
      batches.push([...jobs]);
      if (fails(jobs)) throw new Error('disk full');
      return jobs.map((job): Outcome<number> => ({ ok: true, value: job * 2 }));
    },
  });
  return { batches, commits };
}

describe('a group commit', () => {
  test('takes what waits in one turn as one commit, in bounded batches', async () => {
    const { batches, commits } = doubler();
    const results = await Promise.all([1, 2, 3, 4, 5, 6].map((job) => commits.run(job)));
    expect(results).toEqual([2, 4, 6, 8, 10, 12]);
    expect(batches).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
  });

  test('waits a moment for as many as came last time, and not at all for one alone', async () => {
    const turns: (() => void)[] = [];
    let nowMs = 0;
    const batches: number[] = [];
    const commits = createGroupCommit<number, number>({
      maxBatch: 16,
      maxWaiting: 16,
      afterThisTurn: (task) => turns.push(task),
      nowMs: () => nowMs,
      commit: async (jobs) => {
        batches.push(jobs.length);
        return jobs.map((job): Outcome<number> => ({ ok: true, value: job }));
      },
    });
    const turn = async () => {
      await nextTurn();
      turns.shift()?.();
      await nextTurn();
    };
    const first = [1, 2, 3].map((job) => commits.run(job));
    await turn();
    await Promise.all(first);
    const second = [commits.run(4), commits.run(5)];
    await turn();
    expect(batches).toEqual([3]);
    second.push(commits.run(6));
    await turn();
    await Promise.all(second);
    expect(batches).toEqual([3, 3]);
    const alone = commits.run(7);
    await turn();
    nowMs += 1;
    await turn();
    await alone;
    const next = commits.run(8);
    await turn();
    await next;
    expect(batches).toEqual([3, 3, 1, 1]);
  });

  test('tries each job alone when a commit fails as a whole', async () => {
    const { batches, commits } = doubler((jobs) => jobs.includes(2));
    const results = await Promise.allSettled([1, 2, 3].map((job) => commits.run(job)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(batches).toEqual([[1, 2, 3], [1], [2], [3]]);
  });

  test('refuses as busy what would make the queue too long', async () => {
    const { commits } = doubler();
    const results = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7].map((job) => commits.run(job)));
    expect(results[6]).toMatchObject({ status: 'rejected', reason: { code: 'busy' } });
    expect(results.slice(0, 6).every(({ status }) => status === 'fulfilled')).toBe(true);
  });

  test('finishes what it has taken before it is closed, and takes no more', async () => {
    const { batches, commits } = doubler();
    const taken = commits.run(1);
    await commits.close();
    expect(await taken).toBe(2);
    await expect(commits.run(2)).rejects.toMatchObject({ code: 'unavailable' });
    expect(batches).toEqual([[1]]);
    await commits.close();
  });
});
