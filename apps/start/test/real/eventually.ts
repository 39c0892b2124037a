const LIMIT_MS = 15_000;
const LOOK_MS = 40;

/** Asks until it is answered, for what tells nobody that it changes: the pixels of a screen, a file. */
export async function eventually<Answer>(
  what: string,
  ask: () => Promise<Answer>,
  limitMs = LIMIT_MS,
): Promise<Answer> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > deadline) {
        throw new Error(`${what}: not within ${limitMs} ms: ${error}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
