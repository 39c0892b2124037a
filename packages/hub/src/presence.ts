import { clientInfo, type Member } from './client-info.ts';

/** Result of `presence`: every client by its id. */
export function presenceResult(members: readonly Member[]): string {
  const entries = members.map((member) => `${JSON.stringify(member.client)}:${clientInfo(member)}`);
  return `{"presence":{${entries.join(',')}}}`;
}

/** Result of `presence_stats`. */
export function presenceStatsResult(members: readonly Member[]): string {
  const users = new Set(members.map(({ user }) => user));
  return JSON.stringify({ num_clients: members.length, num_users: users.size });
}
