import { expect, it } from 'vitest';
import { forwardedForOf } from './forwarded-for.ts';

const request = (remoteAddress: string | undefined, said?: string) => ({
  socket: { remoteAddress } as Parameters<ReturnType<typeof forwardedForOf>>[0]['socket'],
  headers: said === undefined ? {} : { 'x-forwarded-for': said },
});

it.each([
  ['nobody is trusted by default', [], '127.0.0.1', '203.0.113.9', '127.0.0.1'],
  ['an address', ['127.0.0.1'], '127.0.0.1', '203.0.113.9', '203.0.113.9, 127.0.0.1'],
  ['an address that comes as IPv6', ['127.0.0.1'], '::ffff:127.0.0.1', 'a', 'a, ::ffff:127.0.0.1'],
  [
    'a network',
    ['10.0.0.0/8'],
    '10.1.2.3',
    '203.0.113.9, 10.9.9.9',
    '203.0.113.9, 10.9.9.9, 10.1.2.3',
  ],
  ['another network', ['10.0.0.0/8'], '11.1.2.3', '203.0.113.9', '11.1.2.3'],
  ['a network of IPv6', ['fd00::/8'], 'fd00::1', '2001:db8::1', '2001:db8::1, fd00::1'],
  ['one that says nothing', ['::1'], '::1', undefined, '::1'],
  ['a socket that is gone', ['::1'], undefined, 'x', ''],
])('X-Forwarded-For, %s', (_what, networks, peer, said, expected) => {
  expect(forwardedForOf(networks)(request(peer, said))).toBe(expected);
});
