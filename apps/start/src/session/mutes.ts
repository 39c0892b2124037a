/** Something muted, for the menu and `status`. */
export interface Mute {
  /** As the policy knows it. */
  readonly scope: string;
  /** For people, such as `Acme › general`. */
  readonly label: string;
  readonly untilUnixMs: number;
}

const MOST = 64;

/** What is muted, newest last, so that it can be seen and taken back. In memory, kept by this client alone. */
export interface Mutes {
  add(mute: Mute): void;
  remove(scope: string): void;
  active(nowUnixMs: number): readonly Mute[];
}

export function createMutes(): Mutes {
  let mutes: readonly Mute[] = [];
  const without = (scope: string) => mutes.filter((mute) => mute.scope !== scope);
  return {
    add(mute) {
      mutes = [...without(mute.scope), mute].slice(-MOST);
    },
    remove(scope) {
      mutes = without(scope);
    },
    active(nowUnixMs) {
      mutes = mutes.filter(({ untilUnixMs }) => untilUnixMs > nowUnixMs);
      return mutes;
    },
  };
}
