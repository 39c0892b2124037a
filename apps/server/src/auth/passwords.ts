import type { BoundedQueue } from './bounded-queue.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';

/** Port: hashing and checking of passwords; each call is one hash. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
}

export const argon2Hasher: PasswordHasher = { hash: hashPassword, verify: verifyPassword };

export interface Passwords {
  hash(password: string): Promise<string>;
  /** No `hash` (nobody has that e-mail): costs the same and is false. */
  verify(hash: string | undefined, password: string): Promise<boolean>;
}

/**
 * Passwords through the bounded queue. For an account that does not exist a hash of nothing is
 * checked, so that the time tells nobody who has an account.
 */
export function createPasswords(queue: BoundedQueue, hasher: PasswordHasher): Passwords {
  let decoy: Promise<string> | undefined;
  return {
    hash: (password) => queue.run(() => hasher.hash(password)),
    async verify(hash, password) {
      // Made at the first log-in, known or not, so that it costs nobody more than another.
      decoy ??= hasher.hash('');
      const against = hash ?? (await decoy);
      const matches = await queue.run(() => hasher.verify(against, password));
      return matches && hash !== undefined;
    },
  };
}

const LEAST_LENGTH = 8;

/** Why a password is too weak, or undefined. Length counts most (NIST SP 800-63B §3.1.1.2). */
export function weaknessOf(
  password: string,
  person: { readonly email: string; readonly username: string },
): string | undefined {
  const characters = [...password];
  if (characters.length < LEAST_LENGTH) {
    return `The password needs at least ${LEAST_LENGTH} characters.`;
  }
  if (new Set(characters).size < 3) return 'The password repeats too few characters.';
  const known = [person.email, person.username, person.email.split('@')[0]];
  if (known.some((word) => word?.toLowerCase() === password.toLowerCase())) {
    return 'The password must not be your name or e-mail address.';
  }
  return undefined;
}
