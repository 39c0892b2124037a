import { chooseSeed, seededRandom } from '@telex/testkit';
import { expect, test } from 'vitest';
import { guardFrame } from './frame-guard.ts';
import { splitFrame } from './push-socket.ts';

const push = '{"push":{"channel":"o/u","pub":{"data":{"n":1},"offset":7}}}';

test('what a push server sends passes unchanged', () => {
  const frame = [
    '{}',
    push,
    '{"id":1,"connect":{"client":"c","version":"x","expires":true,"ttl":3600,"ping":25,"pong":true}}',
    '{"id":2,"subscribe":{"recoverable":true,"epoch":"abcd","positioned":true,"offset":3,"publications":[{"data":1,"offset":3}]}}',
    '{"id":3,"error":{"code":109,"message":"token expired"}}',
    '{"push":{"channel":"o/u","unsubscribe":{"code":2000,"reason":"gone"}}}',
    '{"id":4,"unsubscribe":{}}',
  ].join('\n');
  expect(guardFrame(frame)).toEqual({ text: frame, leftOut: 0 });
  expect(guardFrame(`${frame}\n`).leftOut).toBe(0);
});

test('[L8] what the SDK cannot bear is left out, and its neighbours pass', () => {
  const hostile = [
    '1e999',
    'null',
    '[]',
    '"text"',
    'not json',
    '',
    '{"push":null}',
    '{"push":[]}',
    '{"push":{"channel":7,"pub":{}}}',
    '{"push":{"channel":"o/u","pub":null}}',
    '{"push":{"channel":"o/u","pub":{"data":1,"offset":-1}}}',
    '{"push":{"channel":"o/u","pub":{"data":1,"offset":1e300}}}',
    '{"push":{"channel":"o/u","unsubscribe":{"code":"2000"}}}',
    '{"push":{"channel":"o/u","join":5}}',
    '{"id":2}',
    '{"id":2,"error":null}',
    '{"id":2,"error":{"code":"x"}}',
    '{"id":2,"subscribe":null}',
    '{"id":2,"subscribe":{"publications":[null]}}',
    '{"push":{"channel":"__proto__","pub":{"data":1}}}',
    '{"push":{"channel":"constructor","pub":{"data":1}}}',
    '{"id":1,"connect":{"client":"c","subs":{"__proto__":{}}}}',
    '{"id":1,"connect":{}}',
    '{"id":1,"connect":{"client":"c","subs":{"o/u":null}}}',
    '{"id":1,"connect":{"client":"c","ping":-3}}',
    '{"id":-1,"rpc":{}}',
    '{"id":1.5,"rpc":{}}',
    '{"unknown":1}',
    `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
  ];
  for (const line of hostile) {
    expect(guardFrame(`${push}\n${line}\n${push}`), line.slice(0, 60)).toEqual({
      text: `${push}\n${push}`,
      leftOut: 1,
    });
  }
});

test('[L8] random damage never throws and never lets through what is not an object', () => {
  const seed = chooseSeed();
  console.log(`frame guard: TELEX_SEED=${seed}`);
  const random = seededRandom(seed);
  const letters = '{}[]":,\\nulltruefalse0123456789.-eE abpush';
  for (let round = 0; round < 20_000; round += 1) {
    const text = [...push];
    for (let change = 0; change < 1 + random() * 4; change += 1) {
      text[Math.floor(random() * text.length)] =
        letters[Math.floor(random() * letters.length)] ?? '';
    }
    const { text: passed } = guardFrame(text.join(''));
    for (const line of passed === '' ? [] : passed.split('\n')) {
      expect(typeof JSON.parse(line), `seed ${seed}, round ${round}`).toBe('object');
    }
  }
});

test('[L2] a batch over the limit is split between commands, in order and whole', () => {
  const commands = Array.from(
    { length: 300 },
    (_, index) => `{"id":${index},"é":"${'x'.repeat(500)}"}`,
  );
  const frames = splitFrame(commands.join('\n'), 60_000);
  expect(frames.length).toBeGreaterThan(1);
  for (const frame of frames) expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(60_000);
  expect(frames.join('\n').split('\n')).toEqual(commands);
  expect(splitFrame('{}', 60_000)).toEqual(['{}']);
});
