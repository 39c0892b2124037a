const PREFIX = 'org.freedesktop.DBus.Error.';

/** Names of errors that callers look at; D-Bus specification, "Standard errors", and what dbus-daemon answers. */
export const busErrors = {
  /** No connection, or it was lost before the answer. */
  disconnected: `${PREFIX}Disconnected`,
  noReply: `${PREFIX}NoReply`,
  serviceUnknown: `${PREFIX}ServiceUnknown`,
  nameHasNoOwner: `${PREFIX}NameHasNoOwner`,
  unknownObject: `${PREFIX}UnknownObject`,
  unknownInterface: `${PREFIX}UnknownInterface`,
  unknownMethod: `${PREFIX}UnknownMethod`,
  unknownProperty: `${PREFIX}UnknownProperty`,
  propertyReadOnly: `${PREFIX}PropertyReadOnly`,
  invalidArguments: `${PREFIX}InvalidArgs`,
  failed: `${PREFIX}Failed`,
} as const;

/** A call on the bus that did not work. Callers switch on `errorName`. */
export class BusError extends Error {
  override readonly name = 'BusError';
  /** As D-Bus names it, such as `org.freedesktop.DBus.Error.ServiceUnknown`; a peer may send any. */
  readonly errorName: string;

  constructor(errorName: string, message: string) {
    super(message);
    this.errorName = errorName;
  }
}

export function isBusError(error: unknown, errorName: string): boolean {
  return error instanceof BusError && error.errorName === errorName;
}
