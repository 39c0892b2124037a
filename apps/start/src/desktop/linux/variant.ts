import values from 'dbus-native/lib/values.js';

/** A value with its own signature, to send where D-Bus wants a `v`. */
export type Variant = object;

export function variant(signature: string, value: unknown): Variant {
  return new values.Variant(signature, value);
}
