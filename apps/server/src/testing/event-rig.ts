import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePush, pushChannel } from '@telex/contract';
import type { Kysely } from 'kysely';
import { catchUp } from '../catch-up/catch-up.ts';
import type { Commits } from '../db/commits.ts';
import { openDatabase } from '../db/open-database.ts';
import type { Database } from '../db/schema.ts';
import { Dispatcher, type DispatchObserver } from '../events/dispatcher.ts';
import { type PostMessages, postMessages } from '../messages/post-messages.ts';
import type { PostRequest } from '../messages/post-request.ts';
import { type MarkRead, markRead } from '../read-state/mark-read.ts';
import { uuidV7Source } from '../uuid-v7.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';
import { type FakePublisher, fakePublisher } from './fake-publisher.ts';

/** Posting, read state and dispatcher on a real database, with fake time and a fake push server. */
export interface EventRig {
  readonly db: Kysely<Database>;
  readonly commits: Commits;
  readonly clock: FakeClock;
  readonly publisher: FakePublisher;
  readonly newId: () => string;
  readonly messages: PostMessages;
  readonly readState: MarkRead;
  readonly dispatcher: Dispatcher;
  readonly observed: string[];
  /** Ids are the names given. */
  addUser(id: string): Promise<void>;
  addOrganisation(id: string, members: readonly string[]): Promise<void>;
  addChannel(
    id: string,
    of: { readonly organisation: string; readonly members: readonly string[] },
  ): Promise<void>;
  joinOrganisation(organisation: string, user: string, role?: string): Promise<void>;
  leaveOrganisation(organisation: string, user: string): Promise<void>;
  joinChannel(channel: string, user: string): Promise<void>;
  leaveChannel(channel: string, user: string): Promise<void>;
  /** A post by a user. */
  post(
    user: string,
    channel: string,
    more?: Partial<Pick<PostRequest, 'threadId' | 'content' | 'idempotencyKey'>>,
  ): ReturnType<PostMessages['post']>;
  /** The same by another server on this database: nobody here is told. */
  postElsewhere(user: string, channel: string): ReturnType<PostMessages['post']>;
  /** Waits until everything committed was sent or waits for a retry. */
  settle(): Promise<void>;
  /** Seqs of the pushes that the user's subscribers got in the organisation, in order. */
  pushed(organisation: string, user: string): number[];
  /** One reply of catching up. */
  catchUp(organisation: string, user: string, seq: number | undefined, limit?: number): CaughtUp;
  /** Ends the dispatcher as a crash does, and starts another on the same database. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

export type CaughtUp = Promise<
  Awaited<ReturnType<typeof catchUp>>['organisations'][number] | undefined
>;

export async function createEventRig(): Promise<EventRig> {
  const folder = await mkdtemp(join(tmpdir(), 'telex-events-'));
  const { db, close } = await openDatabase(join(folder, 'telex.db'), {
    log: { info() {}, error() {} },
  });
  // Without the thread pool, so that fake time alone decides what happens when.
  const commits: Commits = {
    durable: (work) => db.transaction().execute(work),
    relaxed: (work) => db.transaction().execute(work),
    async onDisk() {},
  };
  const clock = fakeClock();
  const publisher = fakePublisher();
  const newId = uuidV7Source({ now: clock.now });
  const observed: string[] = [];
  const observer: DispatchObserver = {
    published() {},
    retrying: (organisationId) => observed.push(`retrying ${organisationId}`),
    deadLetter: (event) => observed.push(`dead letter ${event.seq}`),
    failed: () => observed.push('failed'),
  };
  const newDispatcher = () =>
    new Dispatcher({ db, commits, publisher, clock, random: () => 0.5, observer });
  let dispatcher = newDispatcher();
  const now = clock.now;
  const committed: Dispatcher['committed'] = (...what) => dispatcher.committed(...what);
  const messages = postMessages({ commits, now, newId, committed });
  const elsewhere = postMessages({ commits, now, newId, committed() {} });
  const readState = markRead({ commits, now, newId, committed });
  const postWith = (service: PostMessages): EventRig['post'] => {
    const plain = { threadId: undefined, content: 'hello', idempotencyKey: undefined };
    return (userId, channelId, more = {}) =>
      service.post({ channelId, ...plain, ...more, author: { kind: 'user', userId } });
  };
  const lastSeq = async (organisation: string) => {
    const { last_seq } = await db
      .selectFrom('organisations')
      .select('last_seq')
      .where('id', '=', organisation)
      .executeTakeFirstOrThrow();
    return last_seq;
  };
  const organisationOf = async (channel: string) => {
    const row = await db
      .selectFrom('channels')
      .select('organisation_id')
      .where('id', '=', channel)
      .executeTakeFirstOrThrow();
    return row.organisation_id;
  };

  const rig: EventRig = {
    db,
    commits,
    clock,
    publisher,
    newId,
    messages,
    readState,
    get dispatcher() {
      return dispatcher;
    },
    observed,
    async addUser(id) {
      const times = { created_at: now(), updated_at: now() };
      await db
        .insertInto('users')
        .values({ id, email: `${id}@example.com`, username: id, password_hash: '', ...times })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    },
    async addOrganisation(id, members) {
      const [owner = 'owner'] = members;
      for (const member of members) await rig.addUser(member);
      const times = { created_at: now(), updated_at: now() };
      await db
        .insertInto('organisations')
        .values({ id, name: id, owner_id: owner, ...times })
        .execute();
      for (const member of members) await rig.joinOrganisation(id, member);
    },
    async addChannel(id, { organisation, members }) {
      const [owner = 'owner'] = members;
      await db
        .insertInto('channels')
        .values({
          id,
          organisation_id: organisation,
          name: id,
          description: `about ${id}`,
          owner_id: owner,
          created_at: now(),
          updated_at: now(),
        })
        .execute();
      for (const member of members) await rig.joinChannel(id, member);
    },
    async joinOrganisation(organisation, user, role = 'User') {
      await db
        .insertInto('memberships')
        .values({
          id: newId(),
          organisation_id: organisation,
          user_id: user,
          role,
          began_seq: await lastSeq(organisation),
          created_at: now(),
        })
        .execute();
    },
    async leaveOrganisation(organisation, user) {
      const ended_seq = await lastSeq(organisation);
      const channels = await db
        .selectFrom('channels')
        .select('id')
        .where('organisation_id', '=', organisation)
        .execute();
      for (const { id } of channels) await rig.leaveChannel(id, user);
      await db
        .updateTable('memberships')
        .set({ ended_seq, ended_at: now() })
        .where('organisation_id', '=', organisation)
        .where('user_id', '=', user)
        .where('ended_seq', 'is', null)
        .execute();
    },
    async joinChannel(channel, user) {
      await db
        .insertInto('channel_memberships')
        .values({
          id: newId(),
          channel_id: channel,
          user_id: user,
          began_seq: await lastSeq(await organisationOf(channel)),
          created_at: now(),
        })
        .execute();
    },
    async leaveChannel(channel, user) {
      const ended_seq = await lastSeq(await organisationOf(channel));
      await db
        .updateTable('channel_memberships')
        .set({ ended_seq, ended_at: now() })
        .where('channel_id', '=', channel)
        .where('user_id', '=', user)
        .where('ended_seq', 'is', null)
        .execute();
    },
    post: postWith(messages),
    postElsewhere: postWith(elsewhere),
    async settle() {
      for (let quiet = 0, before = -1; quiet < 3; ) {
        await clock.advance(0);
        const moved = publisher.calls() + publisher.deliveries.length;
        quiet = moved === before ? quiet + 1 : 0;
        before = moved;
      }
    },
    pushed(organisation, user) {
      const mine = publisher.deliveries.filter(
        ({ channel }) => channel === pushChannel(organisation, user),
      );
      return mine.map(({ dataJson }) => seqOf(JSON.parse(dataJson)));
    },
    async catchUp(organisation, user, seq, limit) {
      const cursors = seq === undefined ? [] : [{ organisation_id: organisation, seq }];
      const { organisations } = await catchUp({ db, commits }, user, { cursors, limit });
      return organisations.find(({ organisation_id }) => organisation_id === organisation);
    },
    async crash() {
      // Whatever was sent and not recorded is lost with the process.
      await dispatcher.abandon();
      dispatcher = newDispatcher();
      await dispatcher.start();
    },
    async close() {
      await messages.close();
      await elsewhere.close();
      await readState.close();
      await dispatcher.close();
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return rig;
}

/** The seq of a push, which must pass the contract. */
export function seqOf(push: unknown): number {
  const parsed = parsePush(push);
  if (!parsed.ok) throw new Error(`not a push: ${JSON.stringify(push)}`);
  return parsed.value.push.data.seq ?? Number.NaN;
}
