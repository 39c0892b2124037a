import { type ConformanceCase, defaultTimeoutMs } from './case.ts';
import { buildConfig, type ConfigOverrides } from './config.ts';
import { createContext } from './context.ts';
import { canonical } from './json.ts';
import type { ConformanceTarget, RunningPushServer } from './target.ts';

/** Cases that share a server, since they want the same configuration. */
export interface CaseGroup {
  readonly title: string;
  readonly config: ConfigOverrides;
  readonly cases: readonly ConformanceCase[];
}

export interface CaseResult {
  readonly id: string;
  /** Undefined: it held. */
  readonly fault: Error | undefined;
}

export function groupCases(cases: readonly ConformanceCase[]): CaseGroup[] {
  const groups = new Map<string, { config: ConfigOverrides; cases: ConformanceCase[] }>();
  for (const one of cases) {
    if (one.ownServer === true) continue;
    const config = one.config ?? {};
    const key = canonical(config);
    const group = groups.get(key) ?? { config, cases: [] };
    group.cases.push(one);
    groups.set(key, group);
  }
  return [...groups].map(([key, group]) => ({
    title: key === '{}' ? 'the basic configuration' : `with ${key}`,
    ...group,
  }));
}

/** Runs one case on a server that is up; rejects when it does not hold. */
export async function runCase(
  target: ConformanceTarget,
  server: RunningPushServer,
  one: ConformanceCase,
): Promise<void> {
  const { context, end } = createContext(target, server);
  try {
    await withinMs(one.timeoutMs ?? defaultTimeoutMs, one.run(context));
  } finally {
    await end();
  }
}

/** Runs one case on a server of its own. */
export async function runCaseAlone(target: ConformanceTarget, one: ConformanceCase): Promise<void> {
  const server = await target.start(buildConfig(one.config));
  try {
    await runCase(target, server, one);
  } finally {
    await server.kill();
  }
}

/** Runs cases without a test runner, those of a group side by side; one result each, in the order given. */
export async function runCases(
  target: ConformanceTarget,
  cases: readonly ConformanceCase[],
): Promise<CaseResult[]> {
  const faults = new Map<string, Error>();
  const note = async (one: ConformanceCase, run: Promise<void>) => {
    await run.catch((fault: unknown) => {
      faults.set(one.id, fault instanceof Error ? fault : new Error(String(fault)));
    });
  };
  for (const group of groupCases(cases)) {
    const server = await target.start(buildConfig(group.config));
    try {
      await Promise.all(group.cases.map((one) => note(one, runCase(target, server, one))));
    } finally {
      await server.kill();
    }
  }
  const alone = cases.filter(({ ownServer }) => ownServer === true);
  await Promise.all(alone.map((one) => note(one, runCaseAlone(target, one))));
  return cases.map(({ id }) => ({ id, fault: faults.get(id) }));
}

async function withinMs(limitMs: number, run: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([run, late]);
  } finally {
    clearTimeout(timer);
  }
}
