import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { launchDisplay } from './launch-display.ts';
import { needProgram } from './need-program.ts';

const windows = (display: string): string =>
  execFileSync(needProgram('xwininfo'), ['-root', '-tree', '-display', display], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

test('two displays at once have their own numbers and sizes, and are gone after close', async () => {
  const [one, two] = await Promise.all([
    launchDisplay(),
    launchDisplay({ width: 800, height: 600, hasWindowManager: true }),
  ]);
  expect(one.name).toMatch(/^:\d+$/);
  expect(one.name).not.toBe(two.name);
  expect(windows(one.name)).toContain('Root window');
  await Promise.all([one.close(), two.close()]);
  expect(() => windows(one.name)).toThrow();
});

test('a program that is missing is told with what to install', () => {
  expect(() => needProgram('no-such-program')).toThrow('apt-get install no-such-program');
});
