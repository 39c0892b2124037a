/** Flags of a server under load: what is measured is the work, not the rate limits. */
export const UNLIMITED = ['--rate-anonymous', 'off', '--rate-user', 'off'] as const;
