import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEventRig, type EventRig } from '../testing/event-rig.ts';
import {
  createWebhook,
  deleteWebhook,
  feedWebhook,
  listWebhooks,
  newestWebhook,
  updateWebhook,
  type WebhookOptions,
} from './webhooks.ts';

let rig: EventRig;
let options: WebhookOptions;
const general = { channelId: 'general' };
const byMia = { ...general, userId: 'mia' };
const post = {
  event_name: 'deploy',
  message: 'version 2 is out',
  status: 'success',
  username: 'release bot',
  idempotencyKey: undefined,
};

beforeEach(async () => {
  rig = await createEventRig();
  let slugs = 0;
  options = {
    db: rig.db,
    now: rig.clock.now,
    newId: rig.newId,
    newSlug: () => `slug-${++slugs}`,
    publicUrl: () => 'https://telex.example',
  };
  await rig.addOrganisation('north', ['ada']);
  for (const [user, role] of [
    ['mia', 'Manager'],
    ['adm', 'Administrator'],
    ['pat', 'Project Lead'],
  ] as const) {
    await rig.addUser(user);
    await rig.joinOrganisation('north', user, role);
  }
  await rig.addChannel('general', { organisation: 'north', members: ['ada', 'mia'] });
  await rig.dispatcher.start();
});
afterEach(() => rig.close());

const feed = (slug: string, more: { idempotencyKey?: string; message?: string } = {}) =>
  feedWebhook({ db: rig.db, messages: rig.messages }, slug, { ...post, ...more });

describe('a webhook', () => {
  test('is made by a Manager or an Administrator and by nobody else', async () => {
    const body = { webhook_name: 'releases', event_name: 'release' };
    for (const userId of ['mia', 'adm']) {
      expect(await createWebhook(options, { ...general, userId }, body)).toMatchObject({
        owner_id: userId,
        channel_id: 'general',
        webhook_name: 'releases',
        event_name: 'release',
        status: 'active',
        webhook_url: expect.stringMatching(
          /^https:\/\/telex\.example\/api\/v1\/webhooks\/feed\/slug-\d$/,
        ),
      });
    }
    for (const userId of ['ada', 'pat']) {
      await expect(createWebhook(options, { ...general, userId }, body)).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    await rig.addUser('eve');
    await expect(createWebhook(options, { ...general, userId: 'eve' }, body)).rejects.toMatchObject(
      { code: 'not_found' },
    );
  });

  test('shows its secret only to those who may manage it', async () => {
    await createWebhook(options, byMia, { webhook_name: 'releases' });
    const ofMia = await newestWebhook(options, byMia);
    const ofAda = await newestWebhook(options, { ...general, userId: 'ada' });
    const listed = await listWebhooks(options, { ...general, userId: 'ada' }, {});
    expect(ofMia).toMatchObject({ webhook_slug: 'slug-1' });
    expect(JSON.stringify([ofAda, listed])).not.toContain('slug-1');
    expect(listed.pagination).toMatchObject({ total_items: 1, current_page: 1 });
  });

  test('turns a post into a thread of its channel, and a push to all members', async () => {
    await createWebhook(options, byMia, { webhook_name: 'releases' });
    await feed('slug-1');
    await rig.settle();
    const threads = await rig.db.selectFrom('threads').selectAll().execute();
    expect(threads).toEqual([
      expect.objectContaining({
        author_id: null,
        author_name: 'release bot',
        event_name: 'deploy',
        status: 'success',
        content: 'version 2 is out',
      }),
    ]);
    expect(rig.pushed('north', 'ada')).toEqual([1]);
    expect(rig.pushed('north', 'mia')).toEqual([1]);
    const push: unknown = JSON.parse(rig.publisher.deliveries[0]?.dataJson ?? '');
    expect(push).toMatchObject({
      data: { author_name: 'release bot', event_name: 'deploy', text_preview: 'version 2 is out' },
    });
    expect(JSON.stringify(push)).not.toContain('slug-1');
  });

  test('posts once under one idempotency key', async () => {
    await createWebhook(options, byMia, { webhook_name: 'releases' });
    await Promise.all([
      feed('slug-1', { idempotencyKey: 'k' }),
      feed('slug-1', { idempotencyKey: 'k' }),
    ]);
    await expect(feed('slug-1', { idempotencyKey: 'k', message: 'other' })).rejects.toMatchObject({
      code: 'idempotency_conflict',
    });
    expect(await rig.db.selectFrom('messages').selectAll().execute()).toHaveLength(1);
  });

  test('with an unknown slug is not there, and the error does not repeat the slug', async () => {
    const refused = await feed('guessed-slug').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'not_found' });
    expect(String(refused)).not.toContain('guessed-slug');
  });

  test('can be paused, resumed, renamed and deleted', async () => {
    const { id } = await createWebhook(options, byMia, { webhook_name: 'releases' });
    const at = { ...byMia, webhookId: id };
    await updateWebhook(options, at, { status: 'paused' });
    await expect(feed('slug-1')).rejects.toMatchObject({ code: 'forbidden' });
    await updateWebhook(options, at, { status: 'active' });
    await feed('slug-1');
    expect(await updateWebhook(options, at, { name: 'builds' })).toMatchObject({
      webhook_name: 'builds',
    });
    await expect(deleteWebhook(options, { ...at, userId: 'ada' })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await deleteWebhook(options, at);
    await expect(feed('slug-1')).rejects.toMatchObject({ code: 'not_found' });
    await expect(deleteWebhook(options, at)).rejects.toMatchObject({ code: 'not_found' });
  });
});
