import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StormKeys, StormUser } from './messages.ts';

export interface Population {
  readonly users: readonly StormUser[];
  readonly keys: StormKeys;
  /** Of the organisation's newest event. */
  readonly seq: number;
}

const SESSION_LIFE_MS = 86_400_000;

/**
 * Puts people with a session each into an organisation and its channel, in the database of a server that is not running:
 * ten thousand logins would take minutes of password hashes. Nobody can log in as one of them.
 */
export function populate(
  dataDir: string,
  where: { readonly organisationId: string; readonly channelId: string },
  count: number,
): Population {
  const keys = JSON.parse(readFileSync(join(dataDir, 'keys.json'), 'utf8')) as StormKeys & {
    readonly refresh: string;
  };
  const db = new DatabaseSync(join(dataDir, 'telex.db'));
  try {
    const { last_seq: seq } = db
      .prepare('select last_seq from organisations where id = ?')
      .get(where.organisationId) as { last_seq: number };
    const insert = {
      user: db.prepare(
        'insert into users (id, email, username, password_hash, created_at, updated_at) values (?, ?, ?, ?, ?, ?)',
      ),
      session: db.prepare(
        'insert into sessions (id, user_id, created_at, last_used_at, expires_at, refresh_hash) values (?, ?, ?, ?, ?, ?)',
      ),
      membership: db.prepare(
        'insert into memberships (id, organisation_id, user_id, role, began_seq, created_at) values (?, ?, ?, ?, ?, ?)',
      ),
      place: db.prepare(
        'insert into channel_memberships (id, channel_id, user_id, began_seq, created_at) values (?, ?, ?, ?, ?)',
      ),
    };
    const users: StormUser[] = [];
    const now = Date.now();
    db.exec('begin');
    for (let n = 0; n < count; n += 1) {
      const [id, sessionId] = [randomUUID(), randomUUID()];
      const refreshToken = firstRefreshToken(sessionId, Buffer.from(keys.refresh, 'base64url'));
      const hash = createHash('sha256').update(refreshToken).digest('base64url');
      insert.user.run(id, `storm-${n}@telex.example`, `storm-${n}`, 'none', now, now);
      insert.session.run(sessionId, id, now, now, now + SESSION_LIFE_MS, hash);
      insert.membership.run(randomUUID(), where.organisationId, id, 'member', seq, now);
      insert.place.run(randomUUID(), where.channelId, id, seq, now);
      users.push({ id, sessionId, refreshToken });
    }
    db.exec('commit');
    return { users, keys, seq };
  } finally {
    db.close();
  }
}

/** As the server makes them (`apps/server/src/auth/refresh-token.ts`). */
function firstRefreshToken(sessionId: string, key: Uint8Array): string {
  const body = `${sessionId}.${randomBytes(32).toString('base64url')}`;
  const seal = createHmac('sha256', key).update(`seal\0${body}`).digest('base64url');
  return `${body}.${seal}`;
}
