import { expect, test } from 'vitest';
import { parseDemoOptions } from './options.ts';

test('without options the demo keeps its data and listens on 8443', () => {
  expect(parseDemoOptions([])).toEqual({
    kind: 'run',
    options: { isOnce: false, port: 8443, dataDir: undefined, push: 'hub' },
  });
});

test('a trial run takes any free port, unless it is told one', () => {
  expect(parseDemoOptions(['--once'])).toMatchObject({ options: { isOnce: true, port: 0 } });
  expect(parseDemoOptions(['--once', '--port', '9443'])).toMatchObject({ options: { port: 9443 } });
});

test('the data can be kept elsewhere', () => {
  expect(parseDemoOptions(['--data', 'here'])).toMatchObject({ options: { dataDir: 'here' } });
});

test('the push server can be another one', () => {
  const options = { push: 'engine-redis' };
  expect(parseDemoOptions(['--push', 'engine-redis'])).toMatchObject({ options });
});

test.each([
  ['--onec'],
  ['--push', 'nats'],
  ['--port', 'many'],
  ['--port', '70000'],
  ['somewhere'],
  ['--port'],
])('a wrong option is named: %s %s', (...args) => {
  expect(parseDemoOptions(args)).toMatchObject({
    kind: 'wrong',
    message: expect.stringContaining(args.at(-1) ?? ''),
  });
});

test('--help wins over everything that is right', () => {
  expect(parseDemoOptions(['--once', '--help'])).toEqual({ kind: 'help' });
});
