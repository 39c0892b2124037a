import { Link, type LinkEvents, type LinkOptions, MAX_CHANNELS_PER_LINK } from './link.ts';

export interface LinksOptions extends LinkOptions {
  /** One of the connections is up; `events.onUp` says it of all. */
  readonly onLinkUp: () => void;
}

/** All connections of a session: one for each 128 channels. */
export class Links {
  readonly #options: LinksOptions;
  #links: Link[] = [];

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  get areUp(): boolean {
    return this.#links.length > 0 && this.#links.every((link) => link.isUp);
  }

  /** Whether the connection that carries `channel` is up. */
  isUp(channel: string): boolean {
    return this.#links.some((link) => link.isUp && link.has(channel));
  }

  /** Brings the subscriptions in line with `channels`; new connections are dialled if others are. */
  setChannels(channels: readonly string[]): void {
    const wanted = new Set(channels);
    const isDialled = this.#links.some((link) => !link.isDown);
    for (const link of this.#links) {
      for (const channel of link.channels()) if (!wanted.has(channel)) link.remove(channel);
    }
    for (const channel of wanted) {
      const holder = this.#links.find((link) => link.has(channel));
      if (holder !== undefined) holder.retry(channel);
      else this.#roomy().add(channel);
    }
    const first = this.#links[0] ?? this.#add();
    for (const link of this.#links.filter((link) => link.size === 0 && link !== first))
      link.close();
    this.#links = this.#links.filter((link) => link.size > 0 || link === first);
    if (isDialled) this.dial();
  }

  /** Dials every connection that is down. */
  dial(): void {
    for (const link of this.#links) link.dial();
  }

  probe(): void {
    for (const link of this.#links) link.probe();
  }

  forgetPositions(): void {
    for (const link of this.#links) link.forgetPositions();
  }

  close(): void {
    for (const link of this.#links) link.close();
    this.#links = [];
  }

  #roomy(): Link {
    return this.#links.find((link) => link.size < MAX_CHANNELS_PER_LINK) ?? this.#add();
  }

  #add(): Link {
    const events: LinkEvents = {
      ...this.#options.events,
      onUp: () => {
        if (this.areUp) this.#options.events.onUp();
        this.#options.onLinkUp();
      },
    };
    const link = new Link({ ...this.#options, events });
    this.#links.push(link);
    return link;
  }
}
