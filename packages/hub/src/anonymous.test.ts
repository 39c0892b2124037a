import { expect, test } from 'vitest';
import { channelsWith, fakeHub } from '../test/fake-hub.ts';
import { tokenText } from '../test/fake-verifier.ts';
import { errorCode } from '../test/read-sent.ts';

test('[HB27] a connect without a token is an anonymous user where that is allowed, else 3501', () => {
  const refused = fakeHub().open();
  refused.send({ id: 1, connect: {} });
  expect(refused.close?.code).toBe(3501);
  const { open, hub } = fakeHub({ allowAnonymousConnectWithoutToken: true });
  const nobody = open();
  nobody.send({ id: 1, connect: {} });
  const [{ connect } = {}] = nobody.take();
  expect(connect).not.toHaveProperty('expires');
  expect(hub.disconnect({ user: '' })).toBe(1);
  const forged = open();
  forged.send({ id: 1, connect: { token: 'forged' } });
  expect(forged.close?.code).toBe(3500);
});

test('[HB27] a token without a user is refused with 3507 where that is forbidden', () => {
  const { open, client } = fakeHub({ disallowAnonymousConnectionTokens: true });
  const nobody = open();
  nobody.send({ id: 1, connect: { token: tokenText({}) } });
  expect(nobody.close).toEqual({ code: 3507, reason: 'permission denied' });
  expect(client('ann').close).toBeUndefined();
  expect(fakeHub().client('').close).toBeUndefined();
});

test('[HB28] an insecure hub wants no tokens and allows everything that is there', () => {
  const { open } = fakeHub({ ...channelsWith({ presence: true }), insecure: true });
  const nobody = open();
  nobody.send({ id: 1, connect: {} });
  nobody.take();
  expect(errorCode(nobody.ask('publish', { channel: 'a', data: {} }))).toBeUndefined();
  expect(errorCode(nobody.ask('history', { channel: 'a' }))).toBeUndefined();
  expect(errorCode(nobody.ask('presence', { channel: '$a' }))).toBeUndefined();
  expect(errorCode(nobody.ask('subscribe', { channel: '$a' }))).toBeUndefined();
  expect(errorCode(nobody.ask('subscribe', { channel: 'other:a' }))).toBe(102);
  expect(errorCode(nobody.subscribe('b', {}, { fault: 'denied' }))).toBe(103);
});

test('[HB28] what is not kept is not there for an insecure hub either', () => {
  const { open } = fakeHub({ channels: {}, insecure: true });
  const nobody = open();
  nobody.send({ id: 1, connect: {} });
  nobody.take();
  expect(errorCode(nobody.ask('history', { channel: 'a' }))).toBe(108);
  expect(errorCode(nobody.ask('presence', { channel: 'a' }))).toBe(108);
});
