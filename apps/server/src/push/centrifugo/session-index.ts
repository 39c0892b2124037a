/** Which connections belong to which session. */
export class SessionIndex<Connection> {
  readonly #bySession = new Map<string, Set<Connection>>();
  readonly #sessionsOf = new Map<Connection, Set<string>>();

  add(session: string, connection: Connection): void {
    const connections = this.#bySession.get(session) ?? new Set();
    this.#bySession.set(session, connections.add(connection));
    const sessions = this.#sessionsOf.get(connection) ?? new Set();
    this.#sessionsOf.set(connection, sessions.add(session));
  }

  of(session: string): readonly Connection[] {
    return [...(this.#bySession.get(session) ?? [])];
  }

  remove(connection: Connection): void {
    for (const session of this.#sessionsOf.get(connection) ?? []) {
      const connections = this.#bySession.get(session);
      connections?.delete(connection);
      if (connections?.size === 0) this.#bySession.delete(session);
    }
    this.#sessionsOf.delete(connection);
  }
}
