/** Whose connections: all conditions given must hold, and at least one is given. */
export interface Whose {
  /** `''`: all anonymous ones. */
  readonly user?: string | undefined;
  /** Id of one connection. */
  readonly client?: string | undefined;
  readonly session?: string | undefined;
  /** Ids of connections that are not meant, whatever else holds. */
  readonly except?: ReadonlySet<string> | undefined;
}

/** Who a connection is; `client` is undefined while nobody knows of it. */
export interface Identified {
  readonly user: string;
  readonly client?: string;
  readonly session?: string | undefined;
}

export function isOneOf({ user, client, session, except }: Whose, one: Identified): boolean {
  if (user === undefined && client === undefined && session === undefined) return false;
  if (user !== undefined && one.user !== user) return false;
  if (client !== undefined && one.client !== client) return false;
  if (session !== undefined && one.session !== session) return false;
  if (except === undefined || one.client === undefined) return true;
  return !except.has(one.client);
}
