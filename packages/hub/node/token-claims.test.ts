import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { connectionSecret } from '../test/live-hub.ts';
import { createJwtVerifier, type TokenRules } from './jwt-verifier.ts';

/** A token whose payload is this text to the letter. */
function tokenOf(payload: string): string {
  const head = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');
  const signed = `${head}.${Buffer.from(payload).toString('base64url')}`;
  return `${signed}.${createHmac('sha256', connectionSecret).update(signed).digest('base64url')}`;
}

const verifier = (rules: Partial<TokenRules> = {}) =>
  createJwtVerifier({ connection: { hmacSecret: connectionSecret, ...rules } });
const connection = (payload: string, rules?: Partial<TokenRules>) =>
  verifier(rules).connection(tokenOf(payload));
const subscription = (payload: string) => verifier().subscription(tokenOf(payload));
const granted = (grant: object) => ({ ok: true, grant });
const base64 = (text: string) => Buffer.from(text).toString('base64');

test('[HB92] [H12] info and data keep every digit and lose every newline', () => {
  expect(connection('{"sub":"ann","info":{"n": 12345678901234567890,\n"x":[1.0]}}')).toEqual(
    granted({ user: 'ann', info: '{"n":12345678901234567890,"x":[1.0]}' }),
  );
  expect(subscription('{"sub":"ann","channel":"a","info":1e400,"data":"x\\n"}')).toEqual(
    granted({ user: 'ann', channel: 'a', info: '1e400', data: '"x\\n"' }),
  );
  expect(connection('{"sub":"ann","info":null,"meta":{"a":1}}')).toEqual(granted({ user: 'ann' }));
});

test('[HB92] [HB21] a subscription token may be for one connection alone', () => {
  const client = (text: string) => subscription(`{"channel":"a","client":${text}}`);
  expect(client('"c1"')).toEqual(granted({ user: '', channel: 'a', client: 'c1' }));
  for (const none of ['""', 'null']) {
    expect(client(none)).toEqual(granted({ user: '', channel: 'a' }));
  }
  expect(client('1')).toMatchObject({ ok: false });
});

test('[HB92] info and data may come in base64, which counts first', () => {
  const info = base64('{"a": 1.50}');
  expect(connection(`{"b64info":"${info}","info":{}}`)).toEqual(
    granted({ user: '', info: '{"a":1.50}' }),
  );
  expect(subscription(`{"channel":"a","b64data":"${base64('7.0')}","b64info":""}`)).toEqual(
    granted({ user: '', channel: 'a', data: '7.0' }),
  );
  const invalid = { ok: false, fault: 'invalid' };
  for (const bad of [base64('{'), '!!', info.replace(/=+$/, ''), base64('"\xff"').slice(0, 5)]) {
    expect(connection(`{"b64info":"${bad}"}`)).toEqual(invalid);
    expect(subscription(`{"channel":"a","b64data":"${bad}"}`)).toEqual(invalid);
    expect(connection(`{"subs":{"a":{"b64data":"${bad}"}}}`)).toEqual(invalid);
  }
  const noUtf8 = Buffer.from([0x22, 0xff, 0x22]).toString('base64');
  expect(connection(`{"b64info":"${noUtf8}"}`)).toEqual(invalid);
});

test('[HB92] subs says more of a channel than channels, and counts alone when it names one', () => {
  const subs = `{"a":{"info":{"n":1.0},"b64data":"${base64('[]')}"},"b":{},"c":null}`;
  expect(connection(`{"sub":"ann","channels":["x"],"subs":${subs}}`)).toEqual(
    granted({
      user: 'ann',
      subs: new Map<string, object>([
        ['a', { info: '{"n":1.0}', data: '[]' }],
        ['b', {}],
        ['c', {}],
      ]),
    }),
  );
  expect(connection('{"channels":["a","b","a"],"subs":{}}')).toEqual(
    granted({ user: '', subs: new Map(['a', 'b'].map((name) => [name, {}])) }),
  );
  expect(connection('{"channels":null,"subs":null}')).toEqual(granted({ user: '' }));
  const proto = connection('{"subs":{"__proto__":{"data":1}}}');
  expect(connection('{"subs":{"a":7}}')).toEqual({ ok: false, fault: 'invalid' });
  expect(proto).toEqual(granted({ user: '', subs: new Map([['__proto__', { data: '1' }]]) }));
});

test('[HB92] a token overrides the five options of a channel', () => {
  const all =
    '{"presence":{"value":true},"join_leave":{"value":false},"force_push_join_leave":{"value":true},' +
    '"force_recovery":{},"force_positioning":null,"history_size":{"value":7}}';
  const override = {
    presence: true,
    joinLeave: false,
    forcePushJoinLeave: true,
    forceRecovery: false,
  };
  expect(subscription(`{"channel":"a","override":${all}}`)).toEqual(
    granted({ user: '', channel: 'a', override }),
  );
  expect(connection(`{"subs":{"a":{"override":${all}}}}`)).toEqual(
    granted({ user: '', subs: new Map([['a', { override }]]) }),
  );
  expect(subscription('{"channel":"a","override":{}}')).toEqual(
    granted({ user: '', channel: 'a' }),
  );
  for (const bad of [
    '[]',
    '7',
    '{"presence":true}',
    '{"presence":{"value":1}}',
    '{"presence":7}',
  ]) {
    expect(subscription(`{"channel":"a","override":${bad}}`)).toMatchObject({ ok: false });
  }
});

test('[HB92] another claim can name the user, with an id of any size', () => {
  const user = (payload: string) => connection(payload, { userClaim: 'uid' });
  expect(user('{"sub":"x","uid":"ann"}')).toEqual(granted({ user: 'ann' }));
  expect(user('{"uid":12345678901234567890}')).toEqual(granted({ user: '12345678901234567890' }));
  expect(user('{"sub":"x"}')).toEqual(granted({ user: '' }));
  expect(user('{"uid":{}}')).toMatchObject({ ok: false });
  expect(connection('{"sub":"x"}', { userClaim: 'constructor' })).toEqual(granted({ user: '' }));
});

test('[HB26] audience and issuer can be patterns, matched anywhere in the text', () => {
  const rules = { audience: /^push-\d+$/g, issuer: /telex/ };
  const judged = (payload: string) => connection(payload, rules);
  const good = { ok: true };
  for (let each = 0; each < 3; each += 1) {
    expect(judged('{"aud":["x","push-1"],"iss":"the telex"}')).toMatchObject(good);
  }
  expect(judged('{"aud":"push-","iss":"telex"}')).toMatchObject({ ok: false });
  expect(judged('{"aud":"push-1"}')).toMatchObject({ ok: false });
  expect(judged('{"aud":["push-1",5],"iss":["telex"]}')).toMatchObject(good);
});
