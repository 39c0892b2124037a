import { describe, expect, it } from 'vitest';
import { LoginGuard } from './login-guard.ts';

function scene() {
  let now = 0;
  const guard = new LoginGuard(() => now);
  const fail = (times: number, ip: string, account: string) => {
    for (let count = 0; count < times; count += 1) expect(guard.attempt(ip, account)).toBe(0);
  };
  return { guard, fail, pass: (ms: number) => (now += ms) };
}

describe('the login guard', () => {
  it('lets five tries at an account pass, then doubles the wait up to a minute', () => {
    const { guard, fail, pass } = scene();
    fail(5, '192.0.2.1', 'ada');
    const waits: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      const waitS = guard.attempt('192.0.2.1', 'ada');
      waits.push(waitS);
      pass(waitS * 1000);
      expect(guard.attempt('192.0.2.1', 'ada')).toBe(0);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it('counts an account whatever the address, and an address whatever the account', () => {
    const { guard, fail } = scene();
    for (let host = 0; host < 5; host += 1) fail(1, `192.0.2.${host}`, 'ada');
    expect(guard.attempt('192.0.2.99', 'ada')).toBe(1);
    for (let name = 0; name < 20; name += 1) fail(1, '198.51.100.1', `user-${name}`);
    expect(guard.attempt('198.51.100.1', 'somebody')).toBe(1);
  });

  it('takes the addresses of one IPv6 network as one', () => {
    const { guard, fail } = scene();
    for (let host = 0; host < 20; host += 1) fail(1, `2001:db8::${host}`, `user-${host}`);
    expect(guard.attempt('2001:db8::ffff', 'somebody')).toBe(1);
  });

  it('forgets after a success and after 15 quiet minutes', () => {
    const { guard, fail, pass } = scene();
    fail(4, '192.0.2.1', 'ada');
    guard.attempt('192.0.2.1', 'ada');
    guard.succeeded('192.0.2.1', 'ada');
    fail(5, '192.0.2.1', 'ada');
    expect(guard.attempt('192.0.2.1', 'ada')).toBeGreaterThan(0);
    pass(15 * 60_000);
    fail(5, '192.0.2.1', 'ada');
  });

  it('does not count a try that was never judged', () => {
    const { guard } = scene();
    for (let count = 0; count < 50; count += 1) {
      expect(guard.attempt('192.0.2.1', 'ada')).toBe(0);
      guard.withdrawn('192.0.2.1', 'ada');
    }
  });

  it('stays bounded, whatever is tried', () => {
    const { guard } = scene();
    for (let count = 0; count < 60_000; count += 1) guard.attempt(`10.0.${count}`, `user-${count}`);
    expect(guard.size).toBeLessThanOrEqual(50_000);
  });
});
