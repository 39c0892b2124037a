import { describe, expect, it } from 'vitest';
import { errorEnvelope, readErrorBody, replyData } from './envelope.ts';
import { type ErrorCode, errorTable, TelexError } from './errors.ts';
import { parse } from './parse.ts';
import { pushChannel, readPushChannel } from './push-channel.ts';
import { fillPath, pathParameters } from './route.ts';
import { routes } from './routes.ts';

describe('the route table', () => {
  it('names every method and path once', () => {
    const seen = Object.values(routes).map(
      (route) => `${route.method} ${route.path.replace(/\{\w+\}/g, '{}')}`,
    );
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('fills and encodes path parameters', () => {
    expect(pathParameters(routes.thread.path)).toEqual(['thread_id', 'channel_id']);
    expect(fillPath(routes.thread.path, { thread_id: 'a/b', channel_id: 'c' })).toBe(
      '/threads/a%2Fb/channels/c',
    );
    expect(() => fillPath(routes.thread.path, { thread_id: 'a' })).toThrow('channel_id');
  });

  it('takes the documented login reply with and without a notification token', () => {
    const reply = {
      user: { id: 'u1', email: 'ada@example.com', username: 'ada' },
      access_token: 'a.b.c',
    };
    expect(parse(routes.login.reply, reply).ok).toBe(true);
    expect(parse(routes.login.reply, { ...reply, notification_token: 'd.e.f' }).ok).toBe(true);
  });

  it.each([
    [
      'notification_token: null',
      { user: { id: 'u' }, access_token: 'a', notification_token: null },
    ],
    ['user.id: 123', { user: { id: 123 }, access_token: 'a' }],
    ['data: "x"', 'x'],
    ['null', null],
  ])('rejects a login reply with %s', (_what, reply) => {
    expect(parse(routes.login.reply, reply).ok).toBe(false);
  });

  it.each([[[{ id: 1, name: 'N' }]], [[{ id: 'o', name: null }]], ['<html>']])(
    'rejects the organisations %j',
    (reply) => {
      expect(parse(routes.myOrganisations.reply, reply).ok).toBe(false);
    },
  );

  it('takes null for an empty list', () => {
    expect(parse(routes.organisationThreads.reply, null)).toEqual({ ok: true, value: [] });
  });
});

describe('envelopes', () => {
  it('give data in each of the three documented shapes', () => {
    expect(replyData({ status: 'success', status_code: 200, data: [1] })).toEqual([1]);
    expect(replyData({ data: { token: 't' } })).toEqual({ token: 't' });
    expect(replyData({ user_count: 5 })).toEqual({ user_count: 5 });
    expect(replyData('<html>')).toBe('<html>');
  });

  it('answer an error in both documented shapes with a stable code', () => {
    const error = new TelexError('validation_failed', 'Validation error', {
      errors: ['email is required'],
    });
    expect(errorEnvelope(error, 'r1')).toEqual({
      status: 'error',
      status_code: 422,
      message: 'Validation error',
      code: 'validation_failed',
      errors: ['email is required'],
      error: 'email is required',
      request_id: 'r1',
    });
  });

  it('read any error body, ours or foreign', () => {
    expect(readErrorBody(errorEnvelope(new TelexError('email_taken'))).code).toBe('email_taken');
    expect(readErrorBody({ code: 'strange', message: 7 })).toEqual({
      code: undefined,
      message: undefined,
    });
    expect(readErrorBody('<html>').code).toBeUndefined();
  });

  it('has a meaning and an error status for every code', () => {
    for (const code of Object.keys(errorTable) as ErrorCode[]) {
      expect(errorTable[code].meaning).toMatch(/^[A-Z].*\.$/);
      expect(errorTable[code].status).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('push channels', () => {
  it('are <org_id>/<user_id> and read back', () => {
    expect(readPushChannel(pushChannel('org-1', 'user_2'))).toEqual({
      organisationId: 'org-1',
      userId: 'user_2',
    });
    for (const bad of ['', 'a', 'a/', '/b', 'a/b/c', 'a:b/c', 'a/b#c', 'ä/b']) {
      expect(readPushChannel(bad)).toBeUndefined();
    }
  });
});
