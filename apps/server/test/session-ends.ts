import type { Person, ServerRig } from '../src/testing/server-rig.ts';

/** Every way in which a session of a person ends before its time. */
export const sessionEnds: readonly (readonly [
  what: string,
  act: (rig: ServerRig, person: Person) => Promise<unknown>,
])[] = [
  ['logout', (rig, { token }) => rig.call('logout', { token })],
  [
    'a changed password elsewhere',
    async (rig, { email, password }) => {
      const { token } = await rig.logIn(email, password);
      const body = { old_password: password, new_password: 'better battery' };
      return rig.call('changePassword', { token, body });
    },
  ],
  [
    'a revoked session',
    async (rig, { email, password, sessionId }) => {
      const { token } = await rig.logIn(email, password);
      return rig.call('revokeSession', { token, body: { session_id: sessionId } });
    },
  ],
  [
    'a replayed refresh token',
    async (rig, { refreshToken }) => {
      const body = { refresh_token: refreshToken };
      await rig.call('refresh', { body });
      rig.passMs(61_000);
      return rig.call('refresh', { body });
    },
  ],
];
