/** A client as others see it (centrifugo.md §2.1). */
export interface Member {
  readonly user: string;
  readonly client: string;
  /** From the connection's token; JSON text. */
  readonly connInfo?: string | undefined;
  /** From the subscription's token; JSON text. */
  readonly chanInfo?: string | undefined;
}

/** A member as it is in one channel. */
export function memberIn({ user, client, connInfo }: Member, chanInfo: string | undefined): Member {
  return { user, client, connInfo, chanInfo };
}

/** ClientInfo of the protocol. User and client are there even when empty. */
export function clientInfo({ user, client, connInfo, chanInfo }: Member): string {
  const names = `{"user":${JSON.stringify(user)},"client":${JSON.stringify(client)}`;
  const connection = connInfo === undefined ? '' : `,"conn_info":${connInfo}`;
  const channel = chanInfo === undefined ? '' : `,"chan_info":${chanInfo}`;
  return `${names}${connection}${channel}}`;
}
