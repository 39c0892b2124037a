/** What the programs write to their pipes. Checked by hand: the demo has no dependency of its own. */

export interface DemoAccount {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export interface ServerReady {
  readonly url: string;
  /** PEM file of the CA that signed the server's certificate; null: plain HTTP or a public one. */
  readonly caFile: string | null;
  readonly organisation: string;
  readonly channel: { readonly id: string; readonly name: string };
  /** The reader, whom Telex Start signs in, and the author. */
  readonly accounts: readonly [DemoAccount, DemoAccount];
  readonly webhookUrl: string;
}

export interface ServerRefusal {
  readonly code: string;
  readonly message: string;
}

export interface Shown {
  readonly messageId: string;
  /** Milliseconds since 1970, with a fraction. */
  readonly shownAtMs: number;
}

/** The one line of `telex-server --ready-fd`; a string says what is wrong with it. */
export function parseReady(line: unknown): ServerReady | ServerRefusal | string {
  if (field(line, 'ready') === false) {
    return { code: text(line, 'code') ?? 'unknown', message: text(line, 'message') ?? 'no reason' };
  }
  const demo = field(line, 'demo');
  const accounts = field(demo, 'accounts');
  const reader = parseAccount(field(accounts, '0'));
  const author = parseAccount(field(accounts, '1'));
  const channel = field(demo, 'channel');
  const url = text(line, 'url');
  const caFile = field(line, 'ca_file');
  const organisation = text(field(demo, 'organisation'), 'name');
  const channelId = text(channel, 'id');
  const channelName = text(channel, 'name');
  const webhookUrl = text(demo, 'webhook_url');
  if (url === undefined) return 'it has no url';
  if (caFile !== null && typeof caFile !== 'string') return 'it has no ca_file';
  if (reader === undefined || author === undefined) return 'it has no two demo accounts';
  if (organisation === undefined) return 'it has no demo organisation';
  if (channelId === undefined || channelName === undefined) return 'it has no demo channel';
  if (webhookUrl === undefined) return 'it has no webhook_url';
  return {
    url,
    caFile,
    organisation,
    channel: { id: channelId, name: channelName },
    accounts: [reader, author],
    webhookUrl,
  };
}

/** A line of `telex-start --report-fd`; undefined for kinds that the demo does not wait for. */
export function parseReport(
  line: unknown,
):
  | { kind: 'state'; state: string; reason?: string }
  | { kind: 'caught-up' }
  | { kind: 'shown'; shown: Shown }
  | undefined {
  if (field(line, 'kind') === 'caught-up') return { kind: 'caught-up' };
  const state = text(line, 'state');
  if (field(line, 'kind') === 'state' && state !== undefined) {
    const reason = text(line, 'reason');
    return { kind: 'state', state, ...(reason === undefined ? {} : { reason }) };
  }
  const messageId = text(line, 'message_id');
  const shownAtMs = field(line, 'shown_at_ms');
  if (field(line, 'kind') !== 'notification' || messageId === undefined) return undefined;
  if (typeof shownAtMs !== 'number') return undefined;
  return { kind: 'shown', shown: { messageId, shownAtMs } };
}

/** `value[name]` where there is one, whatever `value` is. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

export function text(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === 'string' ? found : undefined;
}

function parseAccount(value: unknown): DemoAccount | undefined {
  const name = text(value, 'name');
  const email = text(value, 'email');
  const password = text(value, 'password');
  if (name === undefined || email === undefined || password === undefined) return undefined;
  return { name, email, password };
}
