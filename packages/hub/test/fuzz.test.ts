import { expect, test } from 'vitest';
import { channelsWith, fakeHub } from './fake-hub.ts';
import { tokenText } from './fake-verifier.ts';
import { type Seeded, seeded } from './seeded.ts';

const CASES = 20_000;
const CASES_A_HUB = 200;

const token = tokenText({ user: 'ann', channel: 'a' });
const scraps: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  4_294_967_296,
  '',
  'a',
  'news:a',
  'ä',
  'x'.repeat(300),
  '\u0000',
  '\ud800',
  token,
  tokenText({ user: 'bob', channel: 'a' }),
  tokenText({ user: 'ann', fault: 'expired' }),
  [],
  {},
  [[[]]],
  { a: { token } },
  { ['__proto__']: { token }, constructor: { recover: true } },
];
const fields = [
  ...['id', 'connect', 'subscribe', 'unsubscribe', 'publish', 'history', 'rpc', 'refresh'],
  ...['sub_refresh', 'presence', 'presence_stats', 'send', 'ping', 'token', 'channel', 'subs'],
  ...[
    'recover',
    'recoverable',
    'positioned',
    'join_leave',
    'offset',
    'epoch',
    'flag',
    'limit',
    'since',
    'reverse',
    'data',
    '__proto__',
  ],
];

function frames({ random, pick }: Seeded) {
  const value = (depth: number): unknown => {
    if (depth === 0 || random() < 0.4) return pick(scraps);
    const entries = Array.from({ length: Math.floor(random() * 5) }, () => [
      pick(fields),
      value(depth - 1),
    ]);
    return Object.fromEntries(entries);
  };
  const command = () => {
    const parameters = {
      channel: pick(['a', 'b', 'c']),
      token,
      ...(random() < 0.3 ? { recover: true, offset: Math.floor(random() * 5), epoch: '' } : {}),
      ...(random() < 0.2 ? { [pick(fields)]: value(1) } : {}),
    };
    return { id: Math.floor(random() * 5), [pick(fields)]: parameters };
  };
  const broken = (text: string) => {
    const at = Math.floor(random() * text.length);
    return (
      text.slice(0, at) + pick(['', '\n', '"', '}', '\u0000', '\n\n', '{}']) + text.slice(at + 1)
    );
  };
  return (): string => {
    const lines = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
      JSON.stringify(random() < 0.7 ? command() : value(3)),
    );
    const text = lines.join('\n');
    return random() < 0.25 ? broken(text) : text;
  };
}

test(`[HB2] [HB14] [HB62] ${CASES} random frames throw nothing, and each client is served or closed by the protocol`, () => {
  const chosen = seeded('hub frames');
  const { random } = chosen;
  const frame = frames(chosen);
  const codes = new Set<number>();
  for (let done = 0; done < CASES; ) {
    const { hub, open, time } = fakeHub({
      random,
      ...channelsWith({
        allowPublishForSubscriber: random() < 0.5,
        allowHistoryForSubscriber: random() < 0.5,
        allowSubscribeForClient: random() < 0.5,
        presence: random() < 0.5,
        allowPresenceForSubscriber: random() < 0.5,
        joinLeave: random() < 0.5,
        forcePushJoinLeave: random() < 0.5,
      }),
    });
    for (let end = done + CASES_A_HUB; done < end; ) {
      const ann = open();
      if (random() < 0.9) ann.send({ id: 1, connect: { token } });
      for (let left = 1 + Math.floor(random() * 8); left > 0; left -= 1) {
        done += 1;
        ann.sendText(frame());
        if (random() < 0.1) hub.publish('a', '{"n":1}');
        if (random() < 0.02) hub.subscribe({ user: 'ann' }, 'c');
        if (random() < 0.02) hub.refresh({ user: 'ann' }, { expiresAt: 0 });
        if (random() < 0.02) time.advance(Math.floor(random() * 30_000));
        if (ann.close !== undefined) break;
      }
      for (const sent of ann.take()) expect(Object.keys(sent).length).toBeLessThan(3);
      if (ann.close !== undefined) codes.add(ann.close.code);
      if (random() < 0.5) ann.connection.closed();
    }
    hub.close();
    time.advance(10_000);
    expect(hub.stats()).toMatchObject({ connections: 0, subscriptions: 0 });
    expect(time.periods).toBe(0);
  }
  const allowed = [3001, 3005, 3010, 3012, 3500, 3501, 3502, 3508];
  expect([...codes].filter((code) => !allowed.includes(code))).toEqual([]);
});
