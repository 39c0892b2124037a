/** A notification by its key: what is asked of it, and whether it is on the screen. */
export interface Bubble<Work> {
  readonly key: string;
  /** By the daemon; undefined: it is not open, or not yet. */
  readonly id: number | undefined;
  /** The user may choose one action of what is shown, once. */
  isChoosable: boolean;
  /** Something of its queue is under way. */
  isBusy: boolean;
  readonly queue: Work[];
}

/** A bubble that had to make room, with the id that it was open under. */
export interface Displaced<Work> {
  readonly bubble: Bubble<Work>;
  /** Undefined: the daemon has given its id away, so nothing of it is left to close. */
  readonly id: number | undefined;
}

/** Which bubbles there are, and which of them the daemon knows by which id. Bounded: `most` are open. */
export interface BubbleTable<Work> {
  find(key: string): Bubble<Work> | undefined;
  findOrAdd(key: string): Bubble<Work>;
  withId(id: number): Bubble<Work> | undefined;
  /** The oldest first. */
  open(): readonly Bubble<Work>[];
  /** It is open under that id from now on; the result had to make room. */
  setOpen(bubble: Bubble<Work>, id: number): Displaced<Work> | undefined;
  setClosed(bubble: Bubble<Work>): void;
  /** Forgets it where it is neither open nor busy. */
  forget(bubble: Bubble<Work>): void;
}

export function createBubbleTable<Work>(most: number): BubbleTable<Work> {
  type Entry = Bubble<Work> & { id: number | undefined };
  const byKey = new Map<string, Entry>();
  const byId = new Map<number, Entry>();

  const setClosed = ({ key }: Bubble<Work>): void => {
    const entry = byKey.get(key);
    if (entry?.id === undefined) return;
    byId.delete(entry.id);
    entry.id = undefined;
  };
  return {
    find: (key) => byKey.get(key),
    findOrAdd(key) {
      const known = byKey.get(key);
      if (known !== undefined) return known;
      const added = { key, id: undefined, isChoosable: false, isBusy: false, queue: [] };
      byKey.set(key, added);
      return added;
    },
    withId: (id) => byId.get(id),
    open: () => [...byId.values()],
    setOpen({ key }, id) {
      const entry = byKey.get(key);
      if (entry === undefined) return undefined;
      const other = byId.get(id);
      if (entry.id !== undefined) byId.delete(entry.id);
      if (other !== undefined && other !== entry) other.id = undefined;
      byId.delete(id);
      byId.set(id, entry);
      entry.id = id;
      if (other !== undefined && other !== entry) return { bubble: other, id: undefined };
      const [oldest] = byId.values();
      if (byId.size <= most || oldest === undefined) return undefined;
      const displaced = { bubble: oldest, id: oldest.id };
      setClosed(oldest);
      return displaced;
    },
    setClosed,
    forget({ key, id, isBusy }) {
      if (id === undefined && !isBusy) byKey.delete(key);
    },
  };
}
