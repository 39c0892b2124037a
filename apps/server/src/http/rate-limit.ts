import { TelexError } from '@telex/contract';
import type { Handlers } from './handler.ts';

/** So many at once, then so many a second. `perSecond: 0` switches the limit off. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export interface Limiter {
  /** A request without a token, by client address. Throws 429 `too_many_requests`. */
  takeAnonymous(ip: string): void;
  takeUser(userId: string): void;
}

const MAX_BUCKETS = 50_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

/**
 * Token buckets by key. Bounded: beyond 50,000 keys the one that was made first is forgotten,
 * which only ever forgives.
 */
export class TokenBuckets {
  readonly #rate: Rate;
  readonly #nowMs: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, nowMs: () => number) {
    this.#rate = rate;
    this.#nowMs = nowMs;
  }

  /** Takes one; 0, or the whole seconds to wait where there was none. */
  take(key: string): number {
    const { burst, perSecond } = this.#rate;
    if (perSecond === 0) return 0;
    const now = this.#nowMs();
    const bucket = this.#bucket(key, now);
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.atMs) / 1000) * perSecond);
    bucket.atMs = now;
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
    bucket.tokens -= 1;
    return 0;
  }

  #bucket(key: string, now: number): Bucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    if (this.#buckets.size >= MAX_BUCKETS) {
      for (const first of this.#buckets.keys()) {
        this.#buckets.delete(first);
        break;
      }
    }
    const bucket = { tokens: this.#rate.burst, atMs: now };
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

export function createLimiter(
  rates: { readonly anonymous: Rate; readonly user: Rate },
  nowMs: () => number,
): Limiter {
  const anonymous = new TokenBuckets(rates.anonymous, nowMs);
  const user = new TokenBuckets(rates.user, nowMs);
  return {
    takeAnonymous: (ip) => refuse(anonymous.take(addressKey(ip))),
    takeUser: (userId) => refuse(user.take(userId)),
  };
}

/** Posts to one webhook, by its slug, wherever they come from. */
export function limitWebhooks(handlers: Handlers, buckets: TokenBuckets): Handlers {
  const { webhookFeed } = handlers;
  if (webhookFeed === undefined) return handlers;
  return {
    ...handlers,
    webhookFeed: async (context) => {
      refuse(buckets.take(context.params.webhook_slug));
      return webhookFeed(context);
    },
  };
}

function refuse(waitS: number): void {
  if (waitS === 0) return;
  throw new TelexError('too_many_requests', `Too many requests; try again in ${waitS} s.`, {
    retryAfterS: waitS,
  });
}

/** One household or office has a whole IPv6 /64, so that is what is counted. */
export function addressKey(ip: string): string {
  if (!ip.includes(':')) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [head = '', tail = ''] = ip.split('%')[0]?.split('::') ?? [];
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  const groups = ip.includes('::') ? [...before, ...zeros, ...after] : before;
  return `${groups.slice(0, 4).join(':')}::/64`;
}
