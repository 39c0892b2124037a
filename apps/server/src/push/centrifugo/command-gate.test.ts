import { describe, expect, it } from 'vitest';
import { createJwts, type TokenUse } from '../../tokens/jwt.ts';
import { KeyRing } from '../../tokens/key-ring.ts';
import { newSigningKeys } from '../../tokens/signing-keys.ts';
import { createCommandGate } from './command-gate.ts';

const NOW_MS = 1_800_000_000_000;
const keys = new KeyRing({ current: newSigningKeys(), previous: [] });
const jwts = createJwts(keys, () => NOW_MS);
const gate = createCommandGate({ jwts, revoked: { has: (session) => session === 'over' } });
const token = (use: TokenUse, sessionId: string) =>
  jwts.mint(use, { userId: 'u', sessionId }, NOW_MS / 1000 + 60);
const command = (name: string, request: object) => JSON.stringify({ id: 1, [name]: request });

const rows: [string, TokenUse][] = [
  ['connect', 'notification'],
  ['connect', 'connection'],
  ['refresh', 'notification'],
  ['subscribe', 'subscription'],
  ['sub_refresh', 'subscription'],
];

describe('the gate before Centrifugo', () => {
  it.each(rows)('knows the session of a %s with a %s token', (name, use) => {
    const good = command(name, { token: token(use, 'on') });
    expect(gate(good)).toEqual({ passes: true, sessions: ['on'] });
    expect(gate(command(name, { token: token(use, 'over') }))).toEqual({ passes: false });
  });

  it('looks at every command of a message', () => {
    const lines = [
      command('connect', { token: token('notification', 'on') }),
      command('subscribe', { channel: 'o/u', token: token('subscription', 'over') }),
    ];
    expect(gate(lines.join('\n'))).toEqual({ passes: false });
  });

  it.each([
    ['a pong', '{}'],
    ['no command', 'hello'],
    ['a command without a token', command('unsubscribe', { channel: 'o/u' })],
    [
      'a token of a kind that opens nothing here',
      command('connect', { token: token('access', 'over') }),
    ],
    ['a token of somebody else', command('connect', { token: 'a.b.c' })],
    ['a token that is no text', command('connect', { token: 7 })],
    ['a name from the prototype', command('constructor', { token: token('connection', 'over') })],
    ['null', 'null'],
  ])('leaves %s to Centrifugo', (_what, message) => {
    expect(gate(message)).toEqual({ passes: true, sessions: [] });
  });
});
