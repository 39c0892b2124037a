import { afterAll, beforeAll, describe, test, vi } from 'vitest';
import { type ConformanceCase, casesFor, defaultTimeoutMs } from './case.ts';
import { allCases } from './cases/index.ts';
import { buildConfig } from './config.ts';
import { type CaseGroup, groupCases, runCase, runCaseAlone } from './run-cases.ts';
import type { ConformanceTarget, RunningPushServer } from './target.ts';

/** Most cases wait for a time to pass: many side by side cost little. */
const SIDE_BY_SIDE = 12;
/** More than `startPushServer` waits, which says what the server wrote. */
const START_MS = 30_000;
/** For the server of a case to start and end. */
const AROUND_MS = 15_000;

/** Registers every case that the target has the capabilities for, as vitest tests. */
export function conformance(target: ConformanceTarget): void {
  vi.setConfig({ maxConcurrency: SIDE_BY_SIDE });
  const cases = casesFor(target, allCases);
  describe(target.name, () => {
    for (const group of groupCases(cases)) registerGroup(target, group);
    const alone = cases.filter(({ ownServer }) => ownServer === true);
    if (alone.length === 0) return;
    describe('each on a server of its own', () => {
      for (const one of alone) register(one, () => runCaseAlone(target, one));
    });
  });
}

function registerGroup(target: ConformanceTarget, { title, config, cases }: CaseGroup): void {
  describe(title, () => {
    let server: RunningPushServer | undefined;
    beforeAll(async () => {
      server = await target.start(buildConfig(config));
    }, START_MS);
    afterAll(async () => {
      await server?.kill();
    });
    for (const one of cases) {
      register(one, async () => {
        if (server === undefined) throw new Error('the server did not start');
        await runCase(target, server, one);
      });
    }
  });
}

function register(one: ConformanceCase, run: () => Promise<void>): void {
  const timeout = (one.timeoutMs ?? defaultTimeoutMs) + AROUND_MS;
  const rules = one.rules === undefined ? '' : `[${one.rules.join(', ')}] `;
  test.concurrent(`${one.id}: ${rules}${one.title}`, { timeout }, run);
}
