import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiCaller, launchServer, type ServerProcess } from '@telex/testkit';
import { eventually } from './eventually.ts';

const POST_LIMIT_MS = 60_000;

interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  /** Bearer access token. */
  readonly token: string;
}

/** A real server with two people of one organisation that share a channel. Whoever opened it closes it. */
export interface Team {
  readonly server: ServerProcess;
  readonly caFile: string | null;
  readonly organisation: { readonly id: string; readonly name: string };
  readonly channel: { readonly id: string; readonly name: string };
  /** Whose desktop it is. */
  readonly ana: Person;
  /** Ben writes; without a thread he opens a new one. */
  post(
    content: string,
    threadId?: string,
  ): Promise<{ readonly id: string; readonly thread_id: string }>;
  /** As `post`, tried again until the server has accepted it, once. Gives the message's id. */
  postSurely(content: string): Promise<string>;
  /** Ana reads the thread on another device. */
  readElsewhere(threadId: string): Promise<void>;
  /** Ana ends the sessions of Telex Start from another device. */
  endSessions(): Promise<void>;
  killServer(): Promise<void>;
  /** Again on the same port, with the same data. */
  startServer(): Promise<void>;
  close(): Promise<void>;
}

/** @param flags of `telex-server` */
export async function openTeam(flags: readonly string[] = []): Promise<Team> {
  const dataDir = mkdtempSync(join(tmpdir(), 'telex-team-'));
  let server = await launchServer({ dataDir, flags });
  const { url, ca_file: caFile } = server.ready;
  let api = createApiCaller(url, caFile);

  const enter = async (first: string, last: string): Promise<Person> => {
    const email = `${first.toLowerCase()}@northwind.example`;
    const password = `${last}-Harbour-1904`;
    await api.call('register', { body: { email, password, first_name: first, last_name: last } });
    const { user, access_token: token } = await api.call('login', { body: { email, password } });
    return { id: user.id, email, password, token };
  };
  const ana = await enter('Ana', 'Nakamura');
  const ben = await enter('Ben', 'Okafor');
  const name = 'Northwind';
  const organisation = await api.call('createOrganisation', { token: ben.token, body: { name } });
  await api.call('addMember', {
    params: { org_id: organisation.id },
    token: ben.token,
    body: { user_id: ana.id },
  });
  const channel = await api.call('createChannel', {
    token: ben.token,
    body: { name: 'harbour', organisation_id: organisation.id, userIds: [ana.id] },
  });
  return {
    get server() {
      return server;
    },
    ...{ caFile, organisation, channel, ana },
    async post(content, threadId) {
      const { id, thread_id = '' } = await api.call('postMessage', {
        params: { channel_id: channel.id },
        token: ben.token,
        body: { content, ...(threadId === undefined ? {} : { thread_id: threadId }) },
      });
      return { id, thread_id };
    },
    async postSurely(content) {
      const headers = { 'idempotency-key': randomUUID() };
      const params = { channel_id: channel.id };
      const { id } = await eventually(
        'a message that is accepted',
        () => api.call('postMessage', { params, token: ben.token, body: { content }, headers }),
        POST_LIMIT_MS,
      );
      return id;
    },
    async readElsewhere(threadId) {
      await api.call('markRead', { params: { thread_id: threadId }, token: ana.token, body: {} });
    },
    async endSessions() {
      const { token } = ana;
      for (const { session_id, user_agent } of await api.call('sessions', { token })) {
        if (!user_agent.startsWith('telex-start')) continue;
        await api.call('revokeSession', { token, body: { session_id } });
      }
    },
    killServer: () => server.kill(),
    async startServer() {
      server = await launchServer({ dataDir, flags, port: Number(new URL(url).port) });
      api.close();
      api = createApiCaller(url, caFile);
    },
    async close() {
      api.close();
      await server.kill();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
