/** What one part says of itself. */
export interface PartHealth {
  readonly ok: boolean;
  /** Figures for operators; only shown on the internal listener. */
  readonly details?: Readonly<Record<string, number | string>>;
}

/** The parts that `/readyz` asks, by name. */
export type HealthParts = Readonly<Record<string, () => PartHealth | Promise<PartHealth>>>;

export interface Health {
  readonly ok: boolean;
  readonly parts: Readonly<Record<string, PartHealth>>;
}

const PART_LIMIT_MS = 2000;

/** Asks all parts at once; one that throws or does not answer within 2 s is not well. */
export async function askHealth(parts: HealthParts): Promise<Health> {
  const answers = await Promise.all(
    Object.entries(parts).map(async ([name, ask]): Promise<[string, PartHealth]> => {
      try {
        return [name, await within(PART_LIMIT_MS, ask)];
      } catch {
        return [name, { ok: false }];
      }
    }),
  );
  return { ok: answers.every(([, { ok }]) => ok), parts: Object.fromEntries(answers) };
}

async function within<T>(limitMs: number, ask: () => T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), limitMs);
  });
  try {
    return await Promise.race([(async () => ask())(), late]);
  } finally {
    clearTimeout(timer);
  }
}
