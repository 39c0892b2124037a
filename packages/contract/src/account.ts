import * as v from 'valibot';
import { email, id, name, password, text, time, token, wholeSeconds } from './primitives.ts';

export const registerBody = v.object({
  email,
  password,
  username: v.optional(name),
  first_name: v.optional(name),
  last_name: v.optional(name),
});

export const loginBody = v.object({ email, password });

export const user = v.looseObject({
  id,
  email: v.optional(text),
  username: v.optional(text),
  first_name: v.optional(text),
  last_name: v.optional(text),
  fullname: v.optional(text),
});

/** What a login or a refresh gives besides the user. Lifetimes in seconds. */
const sessionTokens = {
  access_token: token,
  /** Absent on servers that only have the documented `/token/*` routes. */
  notification_token: v.optional(token),
  /** Ours: absent where the server cannot refresh. */
  refresh_token: v.optional(token),
  /** Life of access and notification token. */
  expires_in: v.optional(wholeSeconds),
  refresh_expires_in: v.optional(wholeSeconds),
  session_id: v.optional(id),
  /** `wss://` address of the push server, where it is not on the API's own origin. */
  push_url: v.optional(text),
};

export const loginReply = v.looseObject({ user, ...sessionTokens });
export const refreshBody = v.object({ refresh_token: token });
export const refreshReply = v.looseObject({ ...sessionTokens });
export const changePasswordBody = v.object({ old_password: password, new_password: password });

/** `GET /profile`; also who-am-I. Times are RFC 3339 (telex-api.md §5.1). */
export const profile = v.looseObject({
  id,
  userId: id,
  email: text,
  username: text,
  full_name: text,
  first_name: text,
  last_name: text,
  phone: text,
  avatar_url: text,
  created_at: time,
  updated_at: time,
  deleted_at: v.nullable(time),
});

export const session = v.looseObject({
  session_id: id,
  created_at: time,
  last_used_at: time,
  user_agent: text,
  current: v.boolean(),
});
export const sessionsReply = v.array(session);
export const revokeSessionBody = v.object({ session_id: id });
