import { expect, test } from 'vitest';
import { isSameSecret, newSecret } from './secret.ts';

test('[L2] secrets have 256 random bits and never come twice', () => {
  const secrets = Array.from({ length: 100 }, newSecret);
  expect(new Set(secrets).size).toBe(100);
  for (const secret of secrets) expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
});

test('[L2] only the very same secret is the same, and any length can be compared', () => {
  const secret = newSecret();
  expect(isSameSecret(secret, secret)).toBe(true);
  const others = ['', secret.slice(1), `${secret} `, `${secret}\0`, 'x'.repeat(100_000), 'é'];
  for (const other of others) expect(isSameSecret(other, secret)).toBe(false);
});
