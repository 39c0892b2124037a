import { setTimeout as delay } from 'node:timers/promises';
import { waitMs } from './protocol-client.ts';

const BETWEEN_MS = 20;

/**
 * Asks again and again until an answer fits, and gives that one: for what a server does in its own time and
 * tells nobody.
 *
 * @param what describes it in the failure's message, beside the last answer
 */
export async function eventually<Answer>(
  what: string,
  ask: () => Promise<Answer>,
  fits: (answer: Answer) => boolean,
  withinMs: number = waitMs,
): Promise<Answer> {
  const limit = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (performance.now() > limit) {
      throw new Error(`not within ${withinMs} ms: ${what}; at last ${JSON.stringify(answer)}`);
    }
    await delay(BETWEEN_MS);
  }
}
