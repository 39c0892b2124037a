import type { MenuCommand } from './menu-command.ts';

/** One line of the tray's menu; labels are plain text, cleaned and cut. */
export interface MenuItem {
  /** The same for the same thing as long as it is there, and never another's. */
  readonly id: number;
  /** Empty: a separator. */
  readonly label: string;
  readonly isEnabled: boolean;
  /** What clicking it asks for; also that of a submenu's own line. */
  readonly command?: MenuCommand;
  readonly children?: readonly MenuItem[];
}

/** Ids that never change; other programs and tests count on the first five. */
export const itemIds = {
  login: 1,
  openMainApp: 2,
  closeMainApp: 3,
  test: 4,
  exit: 5,
  state: 10,
  quiet: 11,
  unread: 12,
  nextTry: 13,
  reconnect: 14,
  afterState: 15,
  afterMainApp: 16,
  beforeExit: 17,
  logout: 20,
  loginAsOther: 21,
  recent: 30,
  pause: 40,
  pause30m: 41,
  pause1h: 42,
  pauseTomorrow: 43,
  resume: 44,
  muted: 50,
} as const;

/** All items, submenus included. */
export function* allItems(items: readonly MenuItem[]): Iterable<MenuItem> {
  for (const item of items) {
    yield item;
    yield* allItems(item.children ?? []);
  }
}

/** Gives ids to what comes and goes. */
export interface PassingIds {
  /** The same for the same object. */
  ofObject(key: object): number;
  /** The same for the same words while they are asked for in each round; others where they are asked for once more in it. */
  ofWords(key: string): number;
  /** Begins a round: words that were not asked for in the last one are forgotten. */
  begin(): void;
}

const FIRST_PASSING_ID = 1_000;
/** Ids are of 31 bits. */
const LAST_ID = 0x7fff_ffff;

export function createPassingIds(): PassingIds {
  const objects = new WeakMap<object, number>();
  let before = new Map<string, number>();
  let words = new Map<string, number>();
  let next = FIRST_PASSING_ID;

  // A click may refer to a menu that is no longer: an id is not used again.
  const take = (): number => {
    const id = next;
    next = id === LAST_ID ? FIRST_PASSING_ID : id + 1;
    return id;
  };
  return {
    ofObject(key) {
      const id = objects.get(key) ?? take();
      objects.set(key, id);
      return id;
    },
    ofWords(given) {
      let key = given;
      while (words.has(key)) key += ' again';
      const id = words.get(key) ?? before.get(key) ?? take();
      words.set(key, id);
      return id;
    },
    begin() {
      before = words;
      words = new Map();
    },
  };
}
