import type {
  ChannelOverride,
  ConnectionGrant,
  Judged,
  SubGrant,
  SubscriptionGrant,
  TokenFault,
  TokenVerifier,
  Verdict,
} from '../src/index.ts';
import type { FakeTime } from './fake-time.ts';

/** What a fake token says. `channel` makes it a subscription token. */
export interface TokenText {
  readonly user?: string;
  readonly channel?: string;
  readonly channels?: readonly string[];
  /** Server-side subscriptions with what comes with them. */
  readonly subs?: Readonly<Record<string, SubGrant>>;
  readonly info?: string;
  readonly data?: string;
  readonly override?: ChannelOverride;
  readonly session?: string;
  /** Of a subscription token: the only connection that may use it. */
  readonly client?: string;
  /** Seconds from now until it expires. */
  readonly ttl?: number;
  /** It is refused for this. */
  readonly fault?: TokenFault;
}

export function tokenText(token: TokenText): string {
  return JSON.stringify(token);
}

/** Reads tokens that are plain JSON. With `hold()` verdicts wait until `release()`. */
export class FakeVerifier implements TokenVerifier {
  readonly #time: FakeTime;
  #held: (() => void)[] | undefined;
  /** Throws in place of judging. */
  isBroken = false;
  /** Tokens judged so far. */
  judged = 0;

  constructor(time: FakeTime) {
    this.#time = time;
  }

  connection(text: string): Judged<ConnectionGrant> {
    return this.#judge(text, ({ user = '', channels, subs, info, session, ttl }) => ({
      user,
      ...this.#expiry(ttl),
      ...(info === undefined ? {} : { info }),
      ...(subs === undefined ? {} : { subs: new Map(Object.entries(subs)) }),
      ...(channels === undefined ? {} : { subs: new Map(channels.map((name) => [name, {}])) }),
      ...(session === undefined ? {} : { session }),
    }));
  }

  subscription(text: string): Judged<SubscriptionGrant> {
    return this.#judge(text, ({ user = '', channel = '', client, ttl, info, data, override }) => ({
      user,
      channel,
      ...(client === undefined ? {} : { client }),
      ...(info === undefined ? {} : { info }),
      ...(data === undefined ? {} : { data }),
      ...(override === undefined ? {} : { override }),
      ...this.#expiry(ttl),
    }));
  }

  /** From now on verdicts are promises that wait. */
  hold(): void {
    this.#held ??= [];
  }

  /** Every verdict that waits is given; later ones are given at once again. */
  async release(): Promise<void> {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const give of held) give();
    await new Promise((resolve) => setImmediate(resolve));
    this.#time.settle();
  }

  #judge<Grant>(text: string, grant: (token: TokenText) => Grant): Judged<Grant> {
    if (this.isBroken) throw new Error('the verifier is broken');
    this.judged += 1;
    const verdict = read(text, grant);
    const held = this.#held;
    if (held === undefined) return verdict;
    return new Promise((resolve) => {
      held.push(() => resolve(verdict));
    });
  }

  #expiry(ttl: number | undefined): { readonly expiresAt?: number } {
    return ttl === undefined ? {} : { expiresAt: this.#time.unixMs() / 1000 + ttl };
  }
}

function read<Grant>(text: string, grant: (token: TokenText) => Grant): Verdict<Grant> {
  try {
    const token = JSON.parse(text) as TokenText;
    if (token.fault === undefined) return { ok: true, grant: grant(token) };
    const { fault } = token;
    return fault === 'ended' ? { ok: false, fault, grant: grant(token) } : { ok: false, fault };
  } catch {
    return { ok: false, fault: 'invalid' };
  }
}
