import type { Fault, OrganisationStatus, State } from '@telex/client';
import { expect, test } from 'vitest';
import { describe as describeState } from './status.ts';

const user = { id: 'u', email: 'ann@example.org' };
const nothing = { total: 0, organisations: [] };
const fault: Fault = { code: 'link_lost', sentence: 'The connection was lost.' };
const organisation = (name: string, kind: 'live' | 'failed' = 'live'): OrganisationStatus => {
  const base = { organisation: { id: name, name }, channel: `${name}/u` };
  return kind === 'failed' ? { kind, fault, ...base } : { kind, ...base };
};
const live = (...organisations: OrganisationStatus[]): State => ({
  kind: 'live',
  user,
  organisations,
});
const loud = { quiet: [], pausedUntilUnixMs: undefined, muted: [] };
const sentence = (state: State) => describeState(state, nothing, loud).sentence;

test.each([
  [live(organisation('A')), 'Live: notifications from A arrive.'],
  [live(organisation('A'), organisation('B')), 'Live: notifications from A and B arrive.'],
  [
    live(...['A', 'B', 'C'].map((name) => organisation(name))),
    'Live: notifications from A, B and C arrive.',
  ],
  [
    live(...['A', 'B', 'C', 'D'].map((name) => organisation(name))),
    'Live: notifications from A and 3 organisations more arrive.',
  ],
  [
    live(organisation('A'), organisation('B', 'failed')),
    'Live: notifications from A arrive. B does not: The connection was lost.',
  ],
  [
    live(organisation('A', 'failed')),
    'Connected, but no notifications arrive. A does not: The connection was lost.',
  ],
  [
    live(),
    'Live, but you belong to no organisation yet. Ask to be invited; it appears here by itself.',
  ],
])('a live session is told by its organisations', (state, expected) => {
  expect(sentence(state)).toBe(expected);
});

test.each([
  ['never', 'Nobody is signed in.'],
  ['signed-out', 'You are signed out.'],
  ['expired', 'Your session has expired. Sign in again.'],
  ['ended', 'Your session was ended from another place. Sign in again.'],
  ['failed', 'Signing in failed. Try again.'],
  ['refused', 'Signing in failed. Try again.'],
  ['closed', 'Telex Start has ended.'],
] as const)('signed out as %s has its own sentence', (reason, expected) => {
  expect(sentence({ kind: 'signed-out', reason })).toBe(expected);
});

test('offline says why, and when it tries again', () => {
  const state: State = {
    kind: 'offline',
    user,
    organisations: [],
    reason: fault,
    retryAt: 5,
    retryAtUnixMs: 1_005,
  };
  expect(
    describeState(state, { ...nothing, total: 3 }, { ...loud, quiet: ['paused'] }),
  ).toMatchObject({
    state: 'offline',
    sentence: 'Offline: The connection was lost.',
    reason: 'link_lost',
    retry_at_unix_ms: 1_005,
    unread: 3,
    quiet: ['paused'],
  });
});

test('a name from outside steers no terminal', () => {
  expect(sentence(live(organisation('\u001b[2JA')))).toBe('Live: notifications from [2JA arrive.');
});
