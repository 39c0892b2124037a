import { cleanText, NAME_LENGTH } from '../notify/clean-text.ts';
import type { Status } from '../session/status.ts';
import { itemIds, type MenuItem, type PassingIds } from './menu-item.ts';
import type { RecentNotification, TrayFacts } from './tray-facts.ts';
import { nextTry, quietWords, type TrayTimes, unreadWords } from './tray-words.ts';

/** Longest label: a menu is as wide as its longest line. */
const LABEL_LENGTH = 70;
/** The state is said in full where it can be. */
const STATE_LENGTH = 120;
const MOST_FAILED = 5;
const MOST_MUTED = 20;

/** The tray's menu. Login, Open Main App, Close Main App, Test Notifications and Exit are always there, in this order. */
export function menuOf(facts: TrayFacts, ids: PassingIds, times: TrayTimes): readonly MenuItem[] {
  const { status, recent, mainApp } = facts;
  ids.begin();
  return [
    ...stateLines(facts, ids, times),
    separator(itemIds.afterState),
    loginItem(status),
    {
      id: itemIds.openMainApp,
      label: 'Open Main App',
      isEnabled: mainApp.canOpen,
      command: { kind: 'open' },
    },
    {
      id: itemIds.closeMainApp,
      label: 'Close Main App',
      isEnabled: mainApp.isOpen,
      command: { kind: 'close-main-app' },
    },
    separator(itemIds.afterMainApp),
    recentItem(recent, mainApp.canOpen, ids, times),
    pauseItem(status, times),
    ...mutedItems(status, ids, times),
    {
      id: itemIds.test,
      label: 'Test Notifications',
      isEnabled: true,
      command: { kind: 'test' },
    },
    separator(itemIds.beforeExit),
    { id: itemIds.exit, label: 'Exit', isEnabled: true, command: { kind: 'exit' } },
  ];
}

/** The state in words: what is wrong first, and what can be done about it. */
function stateLines(
  { status, mainApp }: TrayFacts,
  ids: PassingIds,
  times: TrayTimes,
): readonly MenuItem[] {
  const failed = status.organisations.filter(({ state }) => state === 'failed');
  return [
    line(itemIds.state, stateSentence(status), STATE_LENGTH),
    ...failed
      .slice(0, MOST_FAILED)
      .map(({ id, name, sentence = 'no notifications arrive' }) =>
        line(ids.ofWords(`failed ${id}`), `${cut(name, 30)}: ${sentence}`, STATE_LENGTH),
      ),
    ...nextTry(status, times).map((words) => line(itemIds.nextTry, words)),
    ...(status.state === 'offline'
      ? [
          {
            id: itemIds.reconnect,
            label: 'Reconnect now',
            isEnabled: true,
            command: { kind: 'reconnect' },
          } as const,
        ]
      : []),
    ...quietWords(status, times)
      .slice(0, 1)
      .map((words) => line(itemIds.quiet, words)),
    ...(status.unread === 0
      ? []
      : [
          {
            ...line(itemIds.unread, unreadWords(status.unread)),
            isEnabled: mainApp.canOpen,
            command: { kind: 'open' },
          } as const,
        ]),
  ];
}

function stateSentence({ state, sentence, organisations }: Status): string {
  // The failed ones have lines of their own.
  if (state !== 'live' || organisations.every((each) => each.state !== 'failed')) return sentence;
  const names = organisations.filter((each) => each.state === 'live').map(({ name }) => name);
  return names.length === 0
    ? 'Connected, but no notifications arrive.'
    : `Live: notifications from ${names.join(', ')} arrive.`;
}

function loginItem({ state, user }: Status): MenuItem {
  const base = { id: itemIds.login, isEnabled: true, command: { kind: 'login' } } as const;
  if (user === undefined) {
    return { ...base, label: state === 'signing-in' ? 'Login: signing in…' : 'Login…' };
  }
  return {
    ...base,
    label: cut(`Login: ${user.email ?? user.id}`),
    children: [
      { id: itemIds.logout, label: 'Log out', isEnabled: true, command: { kind: 'logout' } },
      {
        id: itemIds.loginAsOther,
        label: 'Sign in as someone else…',
        isEnabled: true,
        command: { kind: 'login' },
      },
    ],
  };
}

function recentItem(
  recent: readonly RecentNotification[],
  canOpen: boolean,
  ids: PassingIds,
  times: TrayTimes,
): MenuItem {
  const base = { id: itemIds.recent, label: 'Recent notifications' };
  if (recent.length === 0) return { ...base, isEnabled: false };
  const children = recent.map((each) => ({
    id: ids.ofObject(each),
    label: cut(
      `${times.minute(each.atUnixMs)}  ${cleanText(each.title, NAME_LENGTH)} – ${each.body}`,
    ),
    isEnabled: canOpen,
    command: {
      kind: 'open',
      ...(each.target === undefined ? {} : { target: each.target }),
    } as const,
  }));
  return { ...base, isEnabled: true, command: { kind: 'open' }, children };
}

function pauseItem(status: Status, times: TrayTimes): MenuItem {
  const base = { id: itemIds.pause, label: 'Pause notifications', isEnabled: true };
  if (status.quiet.includes('paused')) {
    const until = status.paused_until_unix_ms;
    const label =
      until === undefined ? 'Resume (paused)' : `Resume (paused until ${times.minute(until)})`;
    return { id: itemIds.resume, label, isEnabled: true, command: { kind: 'resume' } };
  }
  const lengths = [
    [itemIds.pause30m, '30 minutes', '30m'],
    [itemIds.pause1h, '1 hour', '1h'],
    [itemIds.pauseTomorrow, 'Until tomorrow', 'tomorrow'],
  ] as const;
  return {
    ...base,
    children: lengths.map(([id, label, length]) => ({
      ...{ id, label, isEnabled: true },
      command: { kind: 'pause', length },
    })),
  };
}

/** A click takes the mute back. */
function mutedItems({ muted }: Status, ids: PassingIds, times: TrayTimes): readonly MenuItem[] {
  if (muted.length === 0) return [];
  const children = muted.slice(0, MOST_MUTED).map(({ scope, label, until_unix_ms: until }) => ({
    id: ids.ofWords(`muted ${scope}`),
    label: `Unmute ${cleanText(label, LABEL_LENGTH - 30)} (until ${times.minute(until)})`,
    isEnabled: true,
    command: { kind: 'unmute', scope } as const,
  }));
  return [{ id: itemIds.muted, label: 'Muted', isEnabled: true, children }];
}

function line(id: number, words: string, length = LABEL_LENGTH): MenuItem {
  const label = cleanText(words, length);
  // Empty, it would be a separator.
  return { id, label: label === '' ? '…' : label, isEnabled: false };
}

function separator(id: number): MenuItem {
  return { id, label: '', isEnabled: true };
}

function cut(text: string, length = LABEL_LENGTH): string {
  return cleanText(text, length);
}
