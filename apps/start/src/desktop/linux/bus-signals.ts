/** Which signals to be told of; what is left out may be anything. */
export interface SignalMatch {
  /** Bus name of the sender; a well-known one stands for whoever owns it when the signal comes. */
  readonly sender?: string;
  readonly path?: string;
  readonly interface: string;
  readonly member?: string;
  /** The first argument, where it is a string. */
  readonly arg0?: string;
}

export interface BusSignal {
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** In D-Bus's notation; the body fits it, and is otherwise unchecked. */
  readonly signature: string;
  readonly body: readonly unknown[];
}

/** The rule by which the bus sends them to us (D-Bus specification, "Match Rules"). */
export function matchRule(match: SignalMatch): string {
  const { sender, path, interface: from, member, arg0 } = match;
  return Object.entries({ type: 'signal', sender, path, interface: from, member, arg0 })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}='${value}'`)
    .join(',');
}

/** Whether a signal is meant; the sender is looked at by `ownerOf`, which knows who owns a well-known name. */
export function matches(
  match: SignalMatch,
  signal: BusSignal,
  ownerOf: (name: string) => string | undefined,
): boolean {
  return (
    signal.interface === match.interface &&
    (match.member === undefined || match.member === signal.member) &&
    (match.path === undefined || match.path === signal.path) &&
    (match.arg0 === undefined || match.arg0 === signal.body[0]) &&
    (match.sender === undefined || signal.sender === ownerOf(match.sender))
  );
}

/** Names of the kind `org.example.Name`, which may change their owner. */
export function isWellKnown(name: string): boolean {
  return !name.startsWith(':') && name !== 'org.freedesktop.DBus';
}
