import type { Random } from './ports.ts';

/**
 * Ids of connections by their number: UUIDs of version 4 in form, of which a hub's share all but the last
 * part. So a connection keeps a number in place of 36 characters. An id names a connection; it is no secret.
 */
export function clientIds(random: Random): (number: number) => string {
  const digits = (count: number) =>
    Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join('');
  const variant = '89ab'[Math.floor(random() * 4)] ?? '8';
  const shared = `${digits(8)}-${digits(4)}-4${digits(3)}-${variant}${digits(3)}`;
  return (number) => `${shared}-${number.toString(16).padStart(12, '0')}`;
}
