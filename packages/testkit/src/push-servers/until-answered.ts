import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { hasEnded } from '../child.ts';

const LIMIT_MS = 20_000;
const BETWEEN_MS = 15;

/**
 * Resolves once `isAnswered` does with true, asked again and again; rejects when the child has ended, or after 20 s, with what it
 * wrote.
 */
export async function untilAnswered(
  child: ChildProcess,
  output: () => string,
  isAnswered: () => Promise<boolean>,
): Promise<void> {
  const failed = once(child, 'error').then(([error]) => {
    throw error;
  });
  failed.catch(() => {});
  const asking = async () => {
    const limit = performance.now() + LIMIT_MS;
    for (let isUp = false; !isUp; ) {
      isUp = await isAnswered();
      // Whoever answers may be another program on the same port.
      if (hasEnded(child)) throw new Error(`${child.spawnfile} has ended:\n${output()}`);
      if (isUp) return;
      if (performance.now() > limit) {
        throw new Error(`${child.spawnfile} does not answer:\n${output()}`);
      }
      await delay(BETWEEN_MS);
    }
  };
  try {
    await Promise.race([asking(), failed]);
  } catch (error) {
    if (child.pid !== undefined && !hasEnded(child)) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    throw error;
  }
}
