import { fakeToken } from '@telex/testkit';
import { expect, test } from 'vitest';
import { fitsChannel, readClaims } from './token-claims.ts';

test('[L4] a token of another user or channel does not fit', () => {
  expect(fitsChannel(fakeToken({ sub: 'u', channel: 'o/u' }), 'o/u', 'u')).toBe(true);
  expect(fitsChannel(fakeToken({ sub: 'v', channel: 'o/u' }), 'o/u', 'u')).toBe(false);
  expect(fitsChannel(fakeToken({ sub: 'u', channel: 'p/u' }), 'o/u', 'u')).toBe(false);
  expect(fitsChannel(fakeToken({ channel: 'o/u' }), 'o/u', 'u')).toBe(false);
});

test('what is no JWT may be sent: it costs its own subscription only', () => {
  for (const token of ['', 'opaque', 'a.b.c', 'a.!!.c', `a.${btoa('null')}.c`]) {
    expect(readClaims(token)).toBeUndefined();
    expect(fitsChannel(token, 'o/u', 'u')).toBe(true);
  }
});

test('claims in UTF-8 are read, and the lifetime from iat and exp', () => {
  expect(readClaims(fakeToken({ sub: 'Zoë', iat: 100, exp: 160 }))).toEqual({
    sub: 'Zoë',
    channel: undefined,
    lifetimeS: 60,
  });
});
