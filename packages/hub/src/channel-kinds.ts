import {
  type ChannelOptions,
  type ChannelRules,
  defaultChannelOptions,
} from './channel-options.ts';
import { type Origin, type Terms, termsOf } from './terms.ts';

/** Options as channels use them, worked out once for all channels of a namespace. */
export interface ChannelKind extends ChannelOptions {
  readonly hasHistory: boolean;
  /** `channelRegex`, compiled. */
  readonly namePattern: RegExp | undefined;
  /** Of subscriptions that ask for nothing more, by who asked for them. */
  readonly terms: Readonly<Record<Origin, Terms>>;
}

/** Finds a channel's options by its name. */
export class ChannelKinds {
  readonly #withoutNamespace: ChannelKind;
  readonly #namespaces: ReadonlyMap<string, ChannelKind>;

  /** @throws RangeError when options contradict each other, or a regular expression is none */
  constructor({ withoutNamespace = {}, namespaces = {} }: ChannelRules) {
    this.#withoutNamespace = channelKind(withoutNamespace, 'channels without a namespace');
    this.#namespaces = new Map(
      Object.entries(namespaces).map(([name, options]) => [
        name,
        channelKind(options, `the namespace ${name}`),
      ]),
    );
  }

  /** Undefined: there is no such namespace. */
  of(channel: string): ChannelKind | undefined {
    const colon = channel.indexOf(':');
    if (colon < 0) return this.#withoutNamespace;
    // A private channel's `$` stands before the namespace and is no part of it.
    return this.#namespaces.get(channel.slice(channel.startsWith('$') ? 1 : 0, colon));
  }
}

function channelKind(given: Partial<ChannelOptions>, of: string): ChannelKind {
  const options: ChannelOptions = { ...defaultChannelOptions, ...given };
  const { historySize, historyTtlMs, historyMetaTtlMs, forceRecovery } = options;
  const hasHistory = historySize > 0 && historyTtlMs > 0;
  if (!hasHistory && (historySize > 0 || historyTtlMs > 0 || forceRecovery)) {
    throw new RangeError(`history of ${of} needs a size and a time to live`);
  }
  if (historyTtlMs > historyMetaTtlMs) {
    throw new RangeError(`history of ${of} lives longer than its position`);
  }
  return {
    ...options,
    hasHistory,
    namePattern: namePattern(options.channelRegex, of),
    terms: {
      client: termsOf(options, 'client'),
      token: termsOf(options, 'token'),
      server: termsOf(options, 'server'),
    },
  };
}

function namePattern(source: string | undefined, of: string): RegExp | undefined {
  if (source === undefined || source === '') return undefined;
  try {
    return new RegExp(source, 'u');
  } catch {
    throw new RangeError(`the regular expression for names of ${of} is not valid`);
  }
}
