import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Status } from '../session/status.ts';
import { allItems, createPassingIds, itemIds, type MenuItem } from './menu-item.ts';
import { factsOf, live, offline, plainTimes, signedOut } from './test/facts.ts';
import type { RecentNotification, TrayFacts } from './tray-facts.ts';
import { trayStateOf } from './tray-state.ts';
import { createTrayView } from './tray-view.ts';
import { createTrayTimes } from './tray-words.ts';

const viewOf = (facts: TrayFacts) => createTrayView(plainTimes)(facts);
const menuOf = (facts: TrayFacts) => viewOf(facts).menu;
const labels = (items: readonly MenuItem[]) => items.map(({ label }) => label);
const find = (items: readonly MenuItem[], id: number) =>
  [...allItems(items)].find((item) => item.id === id);

function recent(title: string, body: string, threadId = 't1'): RecentNotification {
  const target = { organisationId: 'o1', channelId: 'c1', threadId };
  return { title, body, atUnixMs: 5, target };
}

describe('the state', () => {
  const failed = { id: 'o2', name: 'Beta', state: 'failed', sentence: 'refused' } as const;
  const paused = { quiet: ['paused'], paused_until_unix_ms: 9 } as const;
  test.each<[string, Status, string]>([
    ['signed-out', { ...signedOut, unread: 3, quiet: ['paused'] }, 'signed out, paused, unread'],
    ['offline', { ...offline, unread: 3, ...paused }, 'offline, paused, unread'],
    ['connecting', { ...live, state: 'connecting', unread: 3, ...paused }, 'connecting, paused'],
    ['connecting', { ...live, state: 'signing-in' }, 'signing in'],
    ['paused', { ...live, unread: 3, ...paused }, 'paused, unread'],
    ['unread', { ...live, unread: 3 }, 'unread'],
    ['unread', { ...live, unread: 1, quiet: ['do-not-disturb'] }, 'do not disturb'],
    ['ok', live, 'live'],
    ['ok', { ...live, organisations: [...live.organisations, failed] }, 'one of two refused'],
    ['offline', { ...live, organisations: [failed] }, 'all refused'],
    ['ok', { ...live, organisations: [] }, 'no organisation yet'],
  ])('[Y1] is %s', (state, status) => {
    expect(trayStateOf(status)).toBe(state);
  });
});

describe('the tooltip', () => {
  test('says state, reason, next try, pause, unread and who is signed in', () => {
    const status: Status = {
      ...offline,
      ...{ unread: 2, quiet: ['paused', 'do-not-disturb'], paused_until_unix_ms: 9 },
    };
    expect(viewOf(factsOf(status)).tooltip).toEqual([
      'Offline: the server cannot be reached.',
      'Next try at <1000s>.',
      'Notifications are paused until <9>.',
      'Notifications wait: do not disturb is on.',
      '2 unread threads.',
      'Signed in as ana_b@example.com.',
    ]);
  });

  test('says first that no program shows notifications, and the menu says it too', () => {
    const facts = factsOf({ quiet: ['do-not-disturb', 'no-desktop'] });
    expect(viewOf(facts).tooltip[1]).toBe('Notifications wait: no program here shows them.');
    expect(labels(menuOf(facts))[1]).toBe('Notifications wait: no program here shows them.');
  });

  test('the title says the state for a screen reader', () => {
    expect(viewOf(factsOf(signedOut)).title).toBe('Telex: signed out');
    expect(viewOf(factsOf({ unread: 1 })).title).toBe('Telex: unread messages');
    expect(viewOf(factsOf({})).title).toBe('Telex');
  });

  test('a time of another day is said with its day', () => {
    const now = new Date(2026, 10, 21, 23, 50).getTime();
    const { minute, second } = createTrayTimes(() => now);
    expect(minute(now + 5 * 60_000)).toBe('23:55');
    expect(minute(new Date(2026, 10, 22, 8).getTime())).toBe('tomorrow 08:00');
    expect(minute(new Date(2026, 10, 24, 8).getTime())).toBe('Tue Nov 24 08:00');
    expect(second(new Date(2026, 10, 21, 7, 5, 9).getTime())).toBe('07:05:09');
  });
});

describe('the menu', () => {
  test('signed out', () => {
    const menu = menuOf(factsOf(signedOut, { mainApp: { isOpen: false, canOpen: false } }));
    expect(labels(menu)).toEqual([
      ...['Nobody is signed in.', '', 'Login…', 'Open Main App', 'Close Main App', ''],
      ...['Recent notifications', 'Pause notifications', 'Test Notifications', '', 'Exit'],
    ]);
    expect(menu.filter(({ isEnabled }) => !isEnabled).map(({ label }) => label)).toEqual([
      ...['Nobody is signed in.', 'Open Main App', 'Close Main App', 'Recent notifications'],
    ]);
    expect(find(menu, itemIds.login)?.command).toEqual({ kind: 'login' });
  });

  test('signed in: who it is, logging out, somebody else', () => {
    const login = find(menuOf(factsOf({})), itemIds.login);
    expect(login?.label).toBe('Login: ana_b@example.com');
    expect(login?.children?.map(({ label, command }) => [label, command?.kind])).toEqual([
      ['Log out', 'logout'],
      ['Sign in as someone else…', 'login'],
    ]);
  });

  test('offline: why, when it tries again, and trying now', () => {
    const menu = menuOf(factsOf(offline));
    expect(labels(menu).slice(0, 3)).toEqual([
      ...['Offline: the server cannot be reached.', 'Next try at <1000s>.', 'Reconnect now'],
    ]);
    expect(find(menuOf(factsOf({})), itemIds.reconnect)).toBeUndefined();
  });

  test('a failed organisation has a line of its own', () => {
    const organisations = [
      ...live.organisations,
      { id: 'o2', name: 'Beta', state: 'failed', sentence: 'you were removed.' } as const,
    ];
    const menu = menuOf(factsOf({ organisations, sentence: 'Live: both, in one long sentence.' }));
    expect(labels(menu).slice(0, 2)).toEqual([
      ...['Live: notifications from Acme arrive.', 'Beta: you were removed.'],
    ]);
  });

  test('what is to be done about a failed organisation is said whole, however long its name', () => {
    const sentence =
      'The server refuses the notifications of this organisation. Ask its administrator.';
    const failed = { id: 'o2', name: 'B'.repeat(80), state: 'failed', sentence } as const;
    const menu = menuOf(factsOf({ organisations: [...live.organisations, failed] }));
    expect(labels(menu)[1]).toMatch(/^B+…: The server .* Ask its administrator\.$/);
  });

  test('paused: until when, and how to end it', () => {
    const menu = menuOf(factsOf({ quiet: ['paused'], paused_until_unix_ms: 9 }));
    expect(labels(menu)[1]).toBe('Notifications are paused until <9>.');
    expect(find(menu, itemIds.pause)).toBeUndefined();
    expect(find(menu, itemIds.resume)).toMatchObject({
      ...{ label: 'Resume (paused until <9>)', command: { kind: 'resume' } },
    });
  });

  test('recent notifications lead to their threads', () => {
    const first = recent('Acme › general', 'Ann: hi', 't7');
    const menu = menuOf(factsOf({}, { recent: [first, recent('Telex', '2 new', 't8')] }));
    const items = find(menu, itemIds.recent)?.children ?? [];
    expect(labels(items)).toEqual(['<5> Acme › general – Ann: hi', '<5> Telex – 2 new']);
    expect(items[0]?.command).toEqual({ kind: 'open', target: first.target });
  });

  test('what is muted can be unmuted', () => {
    const muted = [{ scope: 'thread:t1', label: 'Acme › general', until_unix_ms: 9 }];
    const item = find(menuOf(factsOf({ muted })), itemIds.muted);
    expect(item?.children?.map(({ label, command }) => [label, command])).toEqual([
      ['Unmute Acme › general (until <9>)', { kind: 'unmute', scope: 'thread:t1' }],
    ]);
  });
});

test('[Y3] an item keeps its id while others come and go, and no id is used again', () => {
  const view = createTrayView(plainTimes);
  const [one, two, three] = [recent('1', ''), recent('2', ''), recent('3', '')];
  const idsOf = (...list: RecentNotification[]) =>
    find(view(factsOf({}, { recent: list })).menu, itemIds.recent)?.children?.map(({ id }) => id);
  const [first, second] = idsOf(one, two) ?? [];
  const [third, ...others] = idsOf(three, one, two) ?? [];
  expect(others).toEqual([first, second]);
  expect([first, second]).not.toContain(third);
  expect(idsOf(three)).toEqual([third]);

  const muted = (...scopes: string[]) => {
    const list = scopes.map((scope) => ({ scope, label: scope, until_unix_ms: 9 }));
    const item = find(view(factsOf({ muted: list })).menu, itemIds.muted);
    return item?.children?.map(({ id }) => id) ?? [];
  };
  const [a] = muted('a');
  expect(muted('b', 'a')[1]).toBe(a);
  muted();
  expect(muted('a')).not.toContain(a);
});

test('[Y3] passing ids never meet the fixed ones', () => {
  const ids = createPassingIds();
  const fixed: readonly number[] = Object.values(itemIds);
  expect(fixed).toHaveLength(new Set(fixed).size);
  expect(fixed).not.toContain(ids.ofWords('x'));
});

describe('whatever is true', () => {
  const seed = Number(process.env.TELEX_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const text = fc.string({ unit: 'binary', maxLength: 300 });
  const status = fc.record({
    state: fc.constantFrom('signed-out', 'signing-in', 'connecting', 'live', 'offline'),
    sentence: text,
    organisations: fc.array(
      fc.record({
        ...{ id: text, name: text, sentence: text },
        state: fc.constantFrom('connecting', 'live', 'failed'),
      }),
      { maxLength: 30 },
    ),
    unread: fc.nat(),
    quiet: fc.uniqueArray(fc.constantFrom('paused', 'do-not-disturb', 'locked', 'no-desktop')),
    muted: fc.array(fc.record({ scope: text, label: text, until_unix_ms: fc.nat() })),
    user: fc.record({ id: text, email: text }),
  });
  const facts = fc.record({
    status,
    recent: fc.array(
      fc.record({
        ...{ title: text, body: text, atUnixMs: fc.nat() },
        target: fc.constant(undefined),
      }),
      { maxLength: 20 },
    ),
    mainApp: fc.record({ isOpen: fc.boolean(), canOpen: fc.boolean() }),
  });

  test('[Y2] [Y3] [Y4] the five items are there, ids are unique, labels are clean and short', () => {
    console.log(`tray menu: seed ${seed} (TELEX_SEED repeats it)`);
    const view = createTrayView(plainTimes);
    fc.assert(
      fc.property(facts, (given) => {
        const { menu, tooltip, title } = view(given as TrayFacts);
        const five = menu.filter(({ id }) => id <= itemIds.exit).map(({ id }) => id);
        expect(five).toEqual([1, 2, 3, 4, 5]);
        const ids = [...allItems(menu)].map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const { label } of allItems(menu)) expect(label.length).toBeLessThanOrEqual(120);
        const words = [...allItems(menu)].map(({ label }) => label).join('');
        expect(title + words + tooltip.join('')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
        expect(find(menu, 5)).toMatchObject({ label: 'Exit', isEnabled: true });
        expect(find(menu, 4)).toMatchObject({ label: 'Test Notifications', isEnabled: true });
        expect(find(menu, 1)?.isEnabled).toBe(true);
      }),
      { seed, numRuns: 300 },
    );
  });
});
