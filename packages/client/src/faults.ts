/** One row of the fault table: whether the session tries again by itself, and what to do. */
export interface FaultRow {
  readonly retry: boolean;
  /** For people: what happened and what to do. */
  readonly sentence: string;
}

/**
 * Everything that can go wrong in a session, by stable code. Callers switch on `code`, never on the
 * sentence. A shipped code is never reused.
 */
export const faultTable = {
  wrong_credentials: {
    retry: false,
    sentence: 'The e-mail address or the password is wrong. Check both and sign in again.',
  },
  bad_input: {
    retry: false,
    sentence: 'The server cannot read this e-mail address or password. Check both and try again.',
  },
  cancelled: { retry: false, sentence: 'Signing in was cancelled.' },
  not_signed_in: { retry: false, sentence: 'Nobody is signed in. Sign in first.' },
  forbidden: {
    retry: false,
    sentence: 'The server does not allow this. Ask the administrator of your organisation.',
  },
  not_offered: { retry: false, sentence: 'This server does not offer that.' },
  rejected: { retry: false, sentence: 'The server refused the request.' },
  no_network: {
    retry: true,
    sentence: 'The server was not found. Check the network connection and the server address.',
  },
  unreachable: {
    retry: true,
    sentence: 'The server does not answer. It may be restarting; trying again by itself.',
  },
  timeout: {
    retry: true,
    sentence: 'The server took too long to answer. Check the network connection and try again.',
  },
  untrusted_certificate: {
    retry: true,
    sentence:
      'The certificate of the server is not trusted. Check the server address, or give the certificate of its authority (option "ca").',
  },
  not_telex: {
    retry: true,
    sentence:
      'Something else than a Telex server answered. On a guest network, open a web page and sign in there first; else check the server address.',
  },
  bad_reply: {
    retry: true,
    sentence: 'The server sent a reply that cannot be read. Tell its administrator.',
  },
  too_many_tries: {
    retry: true,
    sentence: 'The server asks for a pause after too many tries. Wait and try again.',
  },
  server_error: {
    retry: true,
    sentence: 'The server failed. Try again later, or tell its administrator.',
  },
  unavailable: {
    retry: true,
    sentence: 'The server is starting or overloaded; trying again by itself.',
  },
  insecure_address: {
    retry: false,
    sentence:
      'The server address must begin with https:// (and that of the push server with wss://).',
  },
  no_organisation: {
    retry: false,
    sentence:
      'You are signed in, but belong to no organisation yet. Ask to be invited; it appears here by itself.',
  },
  expired: { retry: false, sentence: 'Your session has expired. Sign in again.' },
  ended_elsewhere: {
    retry: false,
    sentence: 'Your session was ended from another place. Sign in again.',
  },
  link_lost: { retry: true, sentence: 'The connection was lost; connecting again by itself.' },
  link_silent: {
    retry: true,
    sentence: 'The server has gone silent; connecting again by itself.',
  },
  link_flapping: {
    retry: true,
    sentence: 'The connection breaks again and again; waiting a little longer before the next try.',
  },
  push_refused: {
    retry: true,
    sentence: 'The push server refused the connection; trying again later by itself.',
  },
  /** Until it is known whether the session is over: the API says it is, or the push server means this client. */
  push_ended: {
    retry: true,
    sentence: 'The push server has ended the connection; asking the server for the reason.',
  },
  push_forbidden: {
    retry: false,
    sentence:
      'The push server has shut this client out. Ask the administrator, then sign in again.',
  },
  push_protocol: {
    retry: false,
    sentence:
      'The push server and this program do not understand each other. Update the program, or tell the administrator.',
  },
  organisation_forbidden: {
    retry: true,
    sentence: 'The server refuses the notifications of this organisation. Ask its administrator.',
  },
  organisation_token: {
    retry: true,
    sentence: 'The server gave a wrong token for this organisation; asking for another by itself.',
  },
  organisation_failed: {
    retry: true,
    sentence: 'The notifications of this organisation cannot be received now; trying again.',
  },
  bad_push: {
    retry: false,
    sentence: 'A notification could not be read and was left out. Tell the administrator.',
  },
  history_gap: {
    retry: false,
    sentence: 'Some notifications of the time away are missing. Open Telex to see what is unread.',
  },
  marks_unwritable: {
    retry: true,
    sentence:
      'The place of the last notification cannot be saved; after a restart some may come again. Check the state folder.',
  },
  handler_failed: {
    retry: false,
    sentence: 'This program failed at handling an event. Please report it.',
  },
} as const satisfies Record<string, FaultRow>;

export type FaultCode = keyof typeof faultTable;

/** Something that went wrong, for people and programs. Never holds a token or a password. */
export interface Fault {
  readonly code: FaultCode;
  /** What happened and what to do. */
  readonly sentence: string;
  /** Technical addition for logs and diagnosis, such as `HTTP 502` or `close 3501 bad request`. */
  readonly detail?: string;
  /** Milliseconds to wait before trying again makes sense, where the server said so. */
  readonly waitMs?: number;
}

/** Makes a fault; `wait` is put into the sentence, so that people need not look elsewhere. */
export function makeFault(
  code: FaultCode,
  more: { readonly detail?: string; readonly waitMs?: number } = {},
): Fault {
  const { sentence } = faultTable[code];
  const wait = more.waitMs === undefined ? '' : ` Wait ${Math.ceil(more.waitMs / 1000)} s.`;
  return { code, sentence: `${sentence}${wait}`, ...more };
}
