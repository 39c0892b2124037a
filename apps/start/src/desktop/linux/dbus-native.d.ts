// The wire format of D-Bus, of the library's own files: its whole takes 22 ms to load, this part 8.

declare module 'dbus-native/lib/message.js' {
  import type { Duplex } from 'node:stream';

  interface WireMessage {
    /** 1 call, 2 reply, 3 error, 4 signal. */
    type: number;
    serial: number;
    flags?: number;
    path?: string;
    interface?: string;
    member?: string;
    destination?: string;
    sender?: string;
    errorName?: string;
    replySerial?: number;
    signature?: string;
    body?: readonly unknown[];
  }
  const message: {
    /** Throws where the body does not fit the signature, or a path is none. */
    marshall(message: WireMessage): Buffer;
    /** Reads messages until one is malformed. */
    unmarshalMessages(
      stream: Duplex,
      onMessage: (message: WireMessage) => void,
      options: { readonly maxMessageSize: number },
      onMalformed: (error: Error) => void,
      onHandlerFault: (error: unknown) => void,
    ): void;
  };

  export type { WireMessage };
  export default message;
}

declare module 'dbus-native/lib/values.js' {
  const values: { readonly Variant: new (signature: string, value: unknown) => object };
  export default values;
}
