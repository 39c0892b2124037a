import type { Channel, Subscriber } from './channel.ts';

/** A signed-in client, as others see it (centrifugo.md §2.1). */
export interface Member {
  readonly user: string;
  readonly client: string;
}

/**
 * Who is in a channel. A channel knows its subscribers anyway, so only what they are called is kept
 * here, once a connection; a hub with presence off has none of this.
 */
export class Presence {
  readonly #members = new Map<Subscriber, Member>();

  add(subscriber: Subscriber, member: Member): void {
    this.#members.set(subscriber, member);
  }

  remove(subscriber: Subscriber): void {
    this.#members.delete(subscriber);
  }

  of(channel: Channel): Member[] {
    return channel.subscribers().flatMap((subscriber) => this.#members.get(subscriber) ?? []);
  }
}

/** Result of `presence`: every client by its id. */
export function presenceResult(members: readonly Member[]): string {
  return JSON.stringify({
    presence: Object.fromEntries(members.map(({ user, client }) => [client, { user, client }])),
  });
}

/** Result of `presence_stats`. */
export function presenceStatsResult(members: readonly Member[]): string {
  const users = new Set(members.map(({ user }) => user));
  return JSON.stringify({ num_clients: members.length, num_users: users.size });
}
