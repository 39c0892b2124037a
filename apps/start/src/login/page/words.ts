/** Every word of the login dialog, in one place for whoever translates it. */
export const words = {
  lang: 'en',
  dir: 'ltr',
  product: 'Telex',
  title: 'Sign in to Telex',
  email: 'E-mail',
  password: 'Password',
  showPassword: 'Show password',
  capsLock: 'Caps Lock is on.',
  serverFold: 'Server address',
  server: 'Address of the Telex server',
  serverHint: 'It looks like https://telex.example.org.',
  signIn: 'Sign in',
  signingIn: 'Signing in…',
  cancel: 'Cancel',
  stop: 'Stop',
  stopped: 'Stopped. You can change something and try again.',
  /** The time follows, as in `1:05`. */
  waitLeft: 'Try again in',
  waitOver: 'You can try again now.',
  missingTitle: 'Something is missing',
  missingEmail: 'Enter your e-mail address.',
  missingPassword: 'Enter your password.',
  missingServer: 'Enter the address of your Telex server.',
  signedInTitle: 'You are signed in',
  done: 'Done',
  /** Shown where the page can't close itself: in a tab of the browser. */
  signedIn: 'Telex Start is connected. You can close this page.',
  cancelledTitle: 'Not signed in',
  cancelled: 'You can close this page. The Login item of Telex Start brings the dialog back.',
  voidTitle: 'This page is no longer valid',
  void: 'Telex Start has closed this sign-in page or opened a newer one. You can close it.',
  timeLimit:
    'This page was open for too long. Ask Telex Start to sign in again; you can close this page.',
  lost: 'Telex Start has ended or does not answer. Start it again; you can close this page.',
  openingTitle: 'Opening the sign-in of Telex',
  opening: 'Continue',
} as const;

export type Words = { readonly [Name in keyof typeof words]: string };

/** A problem's own words: what happened, what to do, and the field to look at. */
interface ProblemWords {
  readonly title: string;
  /** Undefined: the sentence that came with the outcome. */
  readonly text?: string;
  readonly field?: 'email' | 'password' | 'server';
  /** The password was read by the server and is wrong, so it is taken out of its field. */
  readonly clearsPassword?: true;
}

const serverAddress = {
  title: 'The server address is wrong',
  text: 'Enter it as https://telex.example.org, without a name or a password in it.',
  field: 'server',
} as const;

/** By code of the outcome; a code that is not here is told by its own sentence. */
export const problemWords = {
  wrong_credentials: {
    title: 'Wrong e-mail or password',
    text: 'Check both and try again.',
    field: 'password',
    clearsPassword: true,
  },
  bad_input: {
    title: 'The server cannot read this',
    text: 'Check the e-mail address and the password, and try again.',
    field: 'email',
    clearsPassword: true,
  },
  no_network: {
    title: 'The server was not found',
    text: 'Check the network connection and the server address.',
    field: 'server',
  },
  unreachable: {
    title: 'The server does not answer',
    text: 'It may be restarting. Try again in a moment.',
  },
  timeout: {
    title: 'The server took too long',
    text: 'Check the network connection and try again.',
  },
  untrusted_certificate: {
    title: 'The connection is not safe',
    text: 'The certificate of the server is not trusted, so nothing was sent. Check the server address, or ask your administrator for the certificate (option "ca").',
    field: 'server',
  },
  not_telex: {
    title: 'This is not a Telex server',
    text: 'Something else answered. On a guest network, open a web page and sign in there first; else check the server address.',
    field: 'server',
  },
  too_many_tries: {
    title: 'Too many tries',
    text: 'The server asks for a pause.',
  },
  server_error: {
    title: 'The server has a fault',
    text: 'You did nothing wrong. Try again later, or tell its administrator.',
  },
  bad_reply: {
    title: 'The server has a fault',
    text: 'It sent a reply that cannot be read. Tell its administrator.',
  },
  unavailable: {
    title: 'The server is busy',
    text: 'It is starting or overloaded. Try again in a moment.',
  },
  forbidden: {
    title: 'The server does not allow this',
    text: 'Ask the administrator of your organisation.',
  },
  insecure_address: serverAddress,
  no_server: serverAddress,
} as const satisfies Record<string, ProblemWords>;

const unknownProblem: ProblemWords = { title: 'Signing in did not work' };

export function wordsOfProblem(code: string): ProblemWords {
  const table: Readonly<Record<string, ProblemWords>> = problemWords;
  return (Object.hasOwn(table, code) ? table[code] : undefined) ?? unknownProblem;
}
