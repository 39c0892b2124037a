import { pushChannel, type Reply } from '@telex/contract';
import type { ApiClient, ApiOutcome, Credential } from './api.ts';
import { type Fault, makeFault } from './faults.ts';
import type { Organisation } from './state.ts';
import { fitsChannel } from './token-claims.ts';

/** What proves the user to the API. */
export interface UserTokens {
  readonly access: string;
  readonly notification: string | undefined;
}

/** One organisation with its push channel, and either its subscription token or why there is none. */
export type DirectoryEntry = { readonly organisation: Organisation; readonly channel: string } & (
  | { readonly token: string }
  | { readonly fault: Fault }
);

export interface Directory {
  readonly entries: readonly DirectoryEntry[];
  readonly connectToken: string;
  /** `batch`: our own route gave all at once; `single`: the documented routes, one by one. */
  readonly dialect: 'batch' | 'single';
}

type Failed = Extract<ApiOutcome<never>, { ok: false }>;
export type DirectoryOutcome = { readonly ok: true; readonly value: Directory } | Failed;

/** Statuses that mean "this server has no such route, or not with this header". */
const NOT_HERE = new Set([401, 404, 405]);

/**
 * Lists the user's organisations with a subscription token each: one request where the server has our
 * batch route, else the documented way, tokens in parallel (telex-api.md §2, §6).
 * @param known the dialect seen before, so that nothing is tried twice.
 */
export async function fetchDirectory(
  api: ApiClient,
  user: { readonly id: string; readonly tokens: UserTokens },
  known: Directory['dialect'] | undefined,
  signal: AbortSignal,
): Promise<DirectoryOutcome> {
  if (known !== 'single') {
    const batch = await fetchBatch(api, user, signal);
    // On the first try a 401 may come from a server that guards paths it does not have.
    const isElsewhere =
      !batch.ok && (batch.status === 404 || batch.status === 405 || batch.status === 401);
    if (known === 'batch' || !isElsewhere) return batch;
  }
  return fetchSingly(api, user, signal);
}

async function fetchBatch(
  api: ApiClient,
  user: { readonly id: string; readonly tokens: UserTokens },
  signal: AbortSignal,
): Promise<DirectoryOutcome> {
  const { tokens, id } = user;
  const reply = await api.request('subscriptions', { credential: pushCredential(tokens), signal });
  if (!reply.ok) return reply;
  const entries = reply.value.subscriptions.map((item) =>
    entryOf(
      { id: item.organisation_id, name: item.organisation_name },
      item.channel,
      item.token,
      id,
    ),
  );
  return {
    ok: true,
    value: { entries, connectToken: tokens.notification ?? tokens.access, dialect: 'batch' },
  };
}

async function fetchSingly(
  api: ApiClient,
  user: { readonly id: string; readonly tokens: UserTokens },
  signal: AbortSignal,
): Promise<DirectoryOutcome> {
  const { tokens, id } = user;
  const [organisations, connection] = await Promise.all([
    api.request('myOrganisations', { credential: bearer(tokens), signal }),
    fetchConnectToken(api, tokens, signal),
  ]);
  if (!organisations.ok) return organisations;
  if (!connection.ok) return connection;
  const entries = await Promise.all(
    organisations.value.map(async ({ id: organisationId, name }): Promise<DirectoryEntry> => {
      const organisation = { id: organisationId, name };
      const channel = pushChannel(organisationId, id);
      const reply = await fetchChannelToken(api, tokens, channel, signal);
      if (reply.ok) return entryOf(organisation, channel, reply.value.token, id);
      return { organisation, channel, fault: faultOfOrganisation(reply) };
    }),
  );
  return { ok: true, value: { entries, connectToken: connection.value.token, dialect: 'single' } };
}

/** The first documented pair, on 401 or 404 its twin (telex-api.md §6). */
async function fetchConnectToken(
  api: ApiClient,
  tokens: UserTokens,
  signal: AbortSignal,
): Promise<ApiOutcome<Reply<'connectionToken'>>> {
  if (tokens.notification !== undefined) {
    const first = await api.request('connectionToken', {
      credential: pushCredential(tokens),
      signal,
    });
    if (first.ok || !NOT_HERE.has(first.status)) return first;
  }
  return api.request('connectionTokenTwin', { credential: bearer(tokens), signal });
}

async function fetchChannelToken(
  api: ApiClient,
  tokens: UserTokens,
  channel: string,
  signal: AbortSignal,
): Promise<ApiOutcome<Reply<'subscriptionToken'>>> {
  if (tokens.notification !== undefined) {
    const first = await api.request('subscriptionToken', {
      credential: pushCredential(tokens),
      body: { channel },
      signal,
    });
    if (first.ok || !NOT_HERE.has(first.status)) return first;
  }
  return api.request('subscriptionTokenTwin', {
    credential: bearer(tokens),
    body: { channel_id: channel },
    signal,
  });
}

function entryOf(
  organisation: Organisation,
  channel: string,
  token: string,
  userId: string,
): DirectoryEntry {
  if (fitsChannel(token, channel, userId)) return { organisation, channel, token };
  const fault = makeFault('organisation_token', {
    detail: 'the token names another user or channel',
  });
  return { organisation, channel, fault };
}

function faultOfOrganisation({ status, fault }: Failed): Fault {
  const code =
    status === 401 || status === 403 || status === 404
      ? 'organisation_forbidden'
      : 'organisation_failed';
  return makeFault(code, { detail: fault.detail ?? fault.code });
}

function bearer(tokens: UserTokens): Credential {
  return { kind: 'bearer', token: tokens.access };
}

function pushCredential({ notification, access }: UserTokens): Credential {
  return notification === undefined
    ? { kind: 'bearer', token: access }
    : { kind: 'notification', token: notification };
}
