import type { StartProcess } from '@telex/testkit';
import { expect } from 'vitest';
import { askInstance } from '../src/control/client.ts';
import { findEndpoint } from '../src/control/endpoint.ts';
import type { ControlRequest } from '../src/control/protocol.ts';
import { readEnvironment } from '../src/environment.ts';

const EXIT_LIMIT_MS = 1_000;
const ASK_LIMIT_MS = 20_000;

/** Asks the instance as a command does, without the start of another Node process. */
export function askStart(stateDir: string, request: ControlRequest): Promise<unknown> {
  return askInstance(findEndpoint(readEnvironment(), stateDir), request, ASK_LIMIT_MS);
}

/** Every way to end it from outside. */
export const ways = {
  'the exit command': (_pid, stateDir) =>
    void askStart(stateDir, { command: 'exit' }).catch(() => {}),
  SIGTERM: (pid) => void process.kill(pid, 'SIGTERM'),
  SIGINT: (pid) => void process.kill(pid, 'SIGINT'),
} satisfies Record<string, (pid: number, stateDir: string) => void>;
export type Way = keyof typeof ways;
export const wayNames = Object.keys(ways) as Way[];

/** It ends within a second and with 0. */
export async function expectQuickEnd(
  { pid, exited }: StartProcess,
  stateDir: string,
  way: Way,
): Promise<void> {
  const from = performance.now();
  ways[way](pid, stateDir);
  const code = await exited;
  expect(performance.now() - from).toBeLessThan(EXIT_LIMIT_MS);
  expect(code).toBe(0);
}
