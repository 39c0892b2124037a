import { TelexError } from '@telex/contract';
import type { Row } from '../db/schema.ts';
import type { Handlers } from '../http/handler.ts';
import type { Log } from '../log/log.ts';
import type { Accounts } from './accounts.ts';
import type { Sessions } from './sessions.ts';

export interface AccountRoutesOptions {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly log: Log;
  readonly isRegistrationOpen: boolean;
}

export function accountRoutes(options: AccountRoutesOptions): Handlers {
  const { accounts, sessions, log, isRegistrationOpen } = options;
  return {
    async register({ body, requestId }) {
      if (!isRegistrationOpen) {
        throw new TelexError(
          'registration_off',
          'This server takes no registrations; ask whoever runs it for an account.',
        );
      }
      const userId = await accounts.register(body);
      note(log, 'registered', { user_id: userId, request_id: requestId });
      return { message: 'Account created; log in with it' };
    },

    async login({ body, headers, ip, requestId }) {
      const user = await accounts.logIn(body, ip).catch((error: unknown) => {
        const code = error instanceof TelexError ? error.code : 'server_error';
        note(log, 'login_refused', { code, ip, request_id: requestId });
        throw error;
      });
      const tokens = await sessions.open(user.id, headers['user-agent'] ?? '');
      const session = { user_id: user.id, session_id: tokens.session_id };
      note(log, 'logged_in', { ...session, request_id: requestId });
      return { data: { user: publicUser(user), ...tokens }, message: 'Login successful' };
    },

    async refresh({ body }) {
      return { data: await sessions.refresh(body.refresh_token), message: 'Tokens renewed' };
    },

    async logout({ user, requestId }) {
      await sessions.end(user.id, { only: user.sessionId });
      note(log, 'logged_out', { user_id: user.id, request_id: requestId });
      return { message: 'Logged out' };
    },

    async changePassword({ body, user, ip, requestId }) {
      await accounts.changePassword(user.id, body, ip);
      const ended = await sessions.end(user.id, { except: user.sessionId });
      note(log, 'password_changed', { user_id: user.id, ended, request_id: requestId });
      return { message: `Password changed; ${ended} other sessions ended` };
    },

    async profile({ user }) {
      return { data: profileOf(await accounts.get(user.id)), message: 'Profile found' };
    },

    async sessions({ user }) {
      const rows = await sessions.list(user.id);
      return {
        data: rows.map((row) => ({
          session_id: row.id,
          created_at: time(row.created_at),
          last_used_at: time(row.last_used_at),
          user_agent: row.user_agent,
          current: row.id === user.sessionId,
        })),
        message: 'Sessions found',
      };
    },

    async revokeSession({ body, user, requestId }) {
      const ended = await sessions.end(user.id, { only: body.session_id });
      if (ended === 0) {
        throw new TelexError('not_found', 'You have no session with this id that is not over.');
      }
      note(log, 'session_revoked', { user_id: user.id, request_id: requestId });
      return { message: 'Session ended' };
    },
  };
}

/** Accounts are where intruders are seen first, so each step leaves a line. */
function note(log: Log, event: string, fields: Record<string, unknown>): void {
  log.info({ event, ...fields }, event.replaceAll('_', ' '));
}

function publicUser(user: Row<'users'>) {
  return {
    id: user.id,
    email: user.email,
    username: user.username,
    first_name: user.first_name,
    last_name: user.last_name,
    fullname: fullName(user),
  };
}

function profileOf(user: Row<'users'>) {
  return {
    id: user.id,
    userId: user.id,
    email: user.email,
    username: user.username,
    full_name: fullName(user),
    first_name: user.first_name,
    last_name: user.last_name,
    phone: user.phone,
    avatar_url: user.avatar_url,
    created_at: time(user.created_at),
    updated_at: time(user.updated_at),
    deleted_at: null,
  };
}

function fullName(user: Pick<Row<'users'>, 'first_name' | 'last_name'>): string {
  return `${user.first_name} ${user.last_name}`.trim();
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
