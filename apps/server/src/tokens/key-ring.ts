import { createSecretKey, type KeyObject } from 'node:crypto';
import type { KeyName, KeySet, SigningKeys } from './signing-keys.ts';

export interface UsableKey {
  readonly key: KeyObject;
  /** Unix milliseconds; what the key has signed counts before then. */
  readonly untilMs: number;
}

/** The keys in use: the first of each kind signs, those after it are only looked at. */
export type UsableKeys = readonly [UsableKey, ...UsableKey[]];

/** Holds the keys in use, which can be others while the server runs. */
export class KeyRing {
  #set: KeySet;
  #keys: Readonly<Record<KeyName, UsableKeys>>;
  #taken = 1;
  readonly #changed: () => KeySet | undefined;

  /** @param changed gives the keys when they are others than the last time. */
  constructor(set: KeySet, changed: () => KeySet | undefined = () => undefined) {
    this.#set = set;
    this.#keys = usable(set);
    this.#changed = changed;
  }

  /** From now on these are the keys. */
  take(set: KeySet): void {
    this.#set = set;
    this.#keys = usable(set);
    this.#taken += 1;
  }

  /**
   * For what none of the keys has signed: another server that shares the data directory may have been
   * told of new ones first. They are looked at from then on, and sign only once this one is told too, when
   * Centrifugo knows them. True when there are others now.
   */
  lookAgain(): boolean {
    const found = this.#changed();
    if (found === undefined) return false;
    const never = Number.POSITIVE_INFINITY;
    const others = { keys: found.current, tokensUntilMs: never, refreshUntilMs: never };
    this.#keys = usable({ current: this.#set.current, previous: [others, ...found.previous] });
    return true;
  }

  /** How often keys were taken: whoever remembers what the keys have said forgets it when this changes. */
  get taken(): number {
    return this.#taken;
  }

  of(name: KeyName): UsableKeys {
    return this.#keys[name];
  }
}

function usable({ current, previous }: KeySet): Readonly<Record<KeyName, UsableKeys>> {
  const of = (name: KeyName): UsableKeys => [
    { key: keyObject(name, current), untilMs: Number.POSITIVE_INFINITY },
    ...previous.map(({ keys, tokensUntilMs, refreshUntilMs }) => ({
      key: keyObject(name, keys),
      untilMs: name === 'refresh' ? refreshUntilMs : tokensUntilMs,
    })),
  ];
  return {
    access: of('access'),
    connection: of('connection'),
    subscription: of('subscription'),
    refresh: of('refresh'),
  };
}

/**
 * Push tokens are signed with the text of their key, not with what it decodes to: Centrifugo takes an
 * HMAC secret as a text, and random bytes are none.
 */
function keyObject(name: KeyName, keys: SigningKeys): KeyObject {
  const isForPush = name === 'connection' || name === 'subscription';
  return createSecretKey(keys[name], isForPush ? 'utf8' : 'base64url');
}
