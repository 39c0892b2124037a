import { addressKey } from '../http/rate-limit.ts';

const ACCOUNT_FREE = 5;
const ADDRESS_FREE = 20;
const LONGEST_MS = 60_000;
const FORGET_AFTER_MS = 15 * 60_000;
const MAX_ENTRIES = 50_000;

interface Failures {
  count: number;
  lastMs: number;
}

/**
 * Growing delays after wrong passwords, for each address and for each account: 1, 2, 4 … 60 s once
 * the free tries are used up, forgotten after 15 quiet minutes. An address that has logged in to
 * an account before is not held up by what strangers try there.
 */
export class LoginGuard {
  readonly #nowMs: () => number;
  readonly #failures = new Map<string, Failures>();
  readonly #known = new Set<string>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /**
   * Called before a password is checked: 0, or the whole seconds to wait. What may go on counts as
   * wrong until `succeeded`, so that tries at the same time are counted too.
   */
  attempt(ip: string, account: string): number {
    const keys = this.#keys(ip, account);
    const waitMs = Math.max(
      this.#waitMs(keys.address, ADDRESS_FREE),
      this.#waitMs(keys.account, ACCOUNT_FREE),
    );
    if (waitMs > 0) return Math.ceil(waitMs / 1000);
    this.#count(keys.address);
    this.#count(keys.account);
    return 0;
  }

  succeeded(ip: string, account: string): void {
    const keys = this.#keys(ip, account);
    this.#failures.delete(keys.account);
    const address = this.#failures.get(keys.address);
    if (address !== undefined) address.count -= 1;
    this.#remember(`${addressKey(ip)} ${account}`);
  }

  /** The password was not checked after all, so the try does not count. */
  withdrawn(ip: string, account: string): void {
    const keys = this.#keys(ip, account);
    for (const key of [keys.address, keys.account]) {
      const failures = this.#failures.get(key);
      if (failures !== undefined) failures.count -= 1;
    }
  }

  /** Addresses and accounts remembered. */
  get size(): number {
    return this.#failures.size;
  }

  #keys(ip: string, account: string): { address: string; account: string } {
    const address = addressKey(ip);
    const pair = `${address} ${account}`;
    return {
      address: `address ${address}`,
      account: this.#known.has(pair) ? `pair ${pair}` : `account ${account}`,
    };
  }

  #waitMs(key: string, free: number): number {
    const failures = this.#failures.get(key);
    if (failures === undefined || failures.count < free) return 0;
    const passedMs = this.#nowMs() - failures.lastMs;
    if (passedMs >= FORGET_AFTER_MS) {
      this.#failures.delete(key);
      return 0;
    }
    return Math.max(0, Math.min(LONGEST_MS, 1000 * 2 ** (failures.count - free)) - passedMs);
  }

  #count(key: string): void {
    const failures = this.#failures.get(key) ?? { count: 0, lastMs: 0 };
    if (this.#nowMs() - failures.lastMs >= FORGET_AFTER_MS) failures.count = 0;
    failures.count += 1;
    failures.lastMs = this.#nowMs();
    // The one that failed last leaves last.
    this.#failures.delete(key);
    this.#failures.set(key, failures);
    dropOldest(this.#failures);
  }

  #remember(pair: string): void {
    this.#known.delete(pair);
    this.#known.add(pair);
    dropOldest(this.#known);
  }
}

function dropOldest(entries: Map<string, unknown> | Set<string>): void {
  if (entries.size <= MAX_ENTRIES) return;
  const oldest = entries.keys().next().value;
  if (oldest !== undefined) entries.delete(oldest);
}
