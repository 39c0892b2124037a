import { TelexError } from '@telex/contract';
import { describe, expect, it } from 'vitest';
import { addressKey, createLimiter, TokenBuckets } from './rate-limit.ts';

describe('a token bucket', () => {
  it('gives the burst at once, then says how long to wait', () => {
    let now = 0;
    const buckets = new TokenBuckets({ burst: 2, perSecond: 0.5 }, () => now);
    expect([buckets.take('a'), buckets.take('a'), buckets.take('a')]).toEqual([0, 0, 2]);
    expect(buckets.take('b')).toBe(0);
    now = 2000;
    expect(buckets.take('a')).toBe(0);
  });

  it('never holds more than its burst', () => {
    let now = 0;
    const buckets = new TokenBuckets({ burst: 1, perSecond: 10 }, () => now);
    buckets.take('a');
    now = 3_600_000;
    expect([buckets.take('a'), buckets.take('a')]).toEqual([0, 1]);
  });

  it('is off with a rate of nothing', () => {
    const buckets = new TokenBuckets({ burst: 1, perSecond: 0 }, () => 0);
    expect(Array.from({ length: 5 }, () => buckets.take('a'))).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('the limiter', () => {
  it('refuses with 429 and the seconds to wait', () => {
    const rate = { burst: 1, perSecond: 1 };
    const limiter = createLimiter({ anonymous: rate, user: rate }, () => 0);
    limiter.takeAnonymous('192.0.2.1');
    expect(() => limiter.takeAnonymous('192.0.2.1')).toThrow(
      new TelexError('too_many_requests', 'Too many requests; try again in 1 s.', {
        retryAfterS: 1,
      }),
    );
    expect(() => limiter.takeUser('u')).not.toThrow();
  });
});

describe('the address that is counted', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('of %s is %s', (ip, key) => {
    expect(addressKey(ip)).toBe(key);
  });
});
