import { expect, test } from 'vitest';
import {
  duration,
  nothing,
  oneOf,
  only,
  optionalPort,
  text,
  texts,
  trueOrFalse,
  whole,
} from './types.ts';

const good = <T>(value: T) => ({ ok: true, value });
const bad = (expected: string | RegExp) => ({
  ok: false,
  expected: expect.stringMatching(expected),
});

test.each([
  ['25s', 25_000],
  ['1m30s', 90_000],
  ['24h', 86_400_000],
  ['720h', 2_592_000_000],
  ['500ms', 500],
  ['1.5h', 5_400_000],
  ['.5s', 500],
  ['2h45m30.5s', 9_930_500],
  ['1500000us', 1_500],
  ['1000000ns', 1],
  ['0', 0],
  ['0s', 0],
])('the duration %s is %d ms', (written, ms) => {
  expect(duration({ leastMs: 0 }).read(written)).toEqual(good(ms));
});

test.each([
  '',
  '25',
  '25 s',
  's',
  '-1s',
  '1d',
  '1h-1m',
  'forever',
  25,
  25_000,
  null,
  ['25s'],
  '9000h',
])('%j is no duration', (written) => {
  expect(duration({ leastMs: 0 }).read(written)).toEqual(bad(/duration/));
});

test('a duration can have a least value, and have to be in whole seconds', () => {
  expect(duration({ leastMs: 1_000 }).read('999ms')).toEqual(bad('at least 1s'));
  const precise = duration({ leastMs: 0, wholeSeconds: true });
  expect(precise.read('1500ms')).toEqual(bad('whole seconds'));
  expect(precise.read('2000ms')).toEqual(good(2_000));
  expect(precise.show(90_000)).toBe('"90s"');
  expect(precise.show(86_400_000)).toBe('"24h"');
});

test('numbers and switches come as text from the environment', () => {
  expect(whole(1).read('8000')).toEqual(good(8000));
  expect(whole(1).read(8000)).toEqual(good(8000));
  for (const input of ['', '8e3', '-1', 0, 1.5, '1.5', true, null, 2 ** 31]) {
    expect(whole(1).read(input)).toEqual(bad(/a whole number from 1/));
  }
  expect(trueOrFalse.read('true')).toEqual(good(true));
  expect(trueOrFalse.read(false)).toEqual(good(false));
  expect(trueOrFalse.read('yes')).toEqual(bad('true or false'));
  expect(optionalPort.read('')).toEqual(good(undefined));
  expect(optionalPort.read('9000')).toEqual(good(9000));
  expect(optionalPort.read('70000')).toEqual(bad('65535'));
});

test('lists and words are what they say', () => {
  expect(texts.read(['a', 'b'])).toEqual(good(['a', 'b']));
  expect(texts.read('https://a https://b')).toEqual(good(['https://a', 'https://b']));
  expect(texts.read(['a', 1])).toEqual(bad('a list of texts'));
  expect(oneOf(['', 'json']).read('xml')).toEqual(bad('one of "", "json"'));
  expect(only(false).read('false')).toEqual(good(false));
  expect(only('memory').read('redis')).toEqual(bad('"memory"'));
  expect(nothing.read([])).toEqual(good([]));
  expect(nothing.read([{}])).toEqual(bad('an empty list'));
  expect(text.read(1)).toEqual(bad('a text'));
});
