import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apiRig } from '../test/api-rig.ts';
import { channelsWith } from '../test/fake-hub.ts';
import { answerApi, methodNames } from './index.ts';

const EPOCH = expect.stringMatching(/^[A-Za-z]{8}$/);

test('[HA5] a publication is delivered and answered with its place', () => {
  const { call, client } = apiRig();
  const ann = client();
  ann.subscribe('o/ann');
  expect(call('publish', { channel: 'o/ann', data: { n: 1 }, tags: { a: 'b' } })).toEqual({
    result: { offset: 1, epoch: EPOCH },
  });
  expect(ann.take()).toEqual([
    {
      push: {
        channel: 'o/ann',
        pub: { data: { n: 1 }, offset: 1, tags: { a: 'b' }, epoch: EPOCH },
      },
    },
  ]);
  expect(call('publish', { channel: 'o/ann', data: 2, skip_history: true })).toEqual({
    result: {},
  });
  expect(ann.take()).toMatchObject([{ push: { pub: { data: 2 } } }]);
});

test('[HA5] a repeat of an idempotency key gets the first result and delivers nothing', () => {
  const { call, client } = apiRig();
  const ann = client();
  ann.subscribe('o/ann');
  const publication = { channel: 'o/ann', data: 1, idempotency_key: 'k' };
  const first = call('publish', publication);
  expect(call('publish', { ...publication, data: 2 })).toEqual(first);
  expect(ann.take()).toHaveLength(1);
});

test('[HA5] without a channel or data nothing is published', () => {
  const { code } = apiRig();
  expect(code('publish', { data: 1 })).toBe(107);
  expect(code('publish', { channel: 'a' })).toBe(107);
  expect(code('publish', { channel: 'unknown:a', data: 1 })).toBe(102);
  expect(code('publish', { channel: 'x'.repeat(256), data: 1 })).toBe(107);
});

test('[HA4] [H12] data is handed on as it was written', () => {
  const { ask, client, time } = apiRig();
  const ann = client();
  ann.subscribe('o/ann');
  const data = '{"2":12345678901234567890,"1":1.0,\r\n"text":"\\u00e9\\n","e":1E400}';
  ask('publish', `{"channel":"o/ann","data": ${data}}`);
  time.settle();
  const line = '{"2":12345678901234567890,"1":1.0, "text":"\\u00e9\\n","e":1E400}';
  expect(ann.socket.messages.at(-1)).toContain(`"data":${line}`);
  expect(ask('history', { channel: 'o/ann', limit: -1 }).text).toContain(`"data":${line}`);
});

test('[HA2] null is data like any other', () => {
  const { call } = apiRig();
  call('publish', { channel: 'a', data: null });
  expect(call('history', { channel: 'a', limit: 1 })).toMatchObject({
    result: { publications: [{ data: null }] },
  });
});

test('[HA4] b64data holds JSON in base64, and counts before data', () => {
  const { call, code } = apiRig();
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  call('publish', { channel: 'a', b64data: base64('{"é":1}') });
  call('publish', { channel: 'a', b64data: base64('2'), data: 3 });
  expect(call('history', { channel: 'a', limit: 2 })).toMatchObject({
    result: { publications: [{ data: { é: 1 } }, { data: 2 }] },
  });
  expect(code('publish', { channel: 'a', b64data: base64('{') })).toBe(107);
  expect(code('publish', { channel: 'a', b64data: 'no base64' })).toBe(107);
  expect(code('publish', { channel: 'a', b64data: '/w==' })).toBe(107);
});

test('[HA6] a broadcast answers in the order given, and one bad channel is no fault of the others', () => {
  const { call, code, client } = apiRig();
  const ann = client();
  ann.subscribe('o/ann');
  const channels = ['b', 'unknown:x', 'o/ann', ''];
  expect(call('broadcast', { channels, data: 1 })).toEqual({
    result: {
      responses: [
        { result: { offset: 1, epoch: EPOCH } },
        { error: { code: 102, message: 'unknown channel' } },
        { result: { offset: 1, epoch: EPOCH } },
        { error: { code: 107, message: 'bad request' } },
      ],
    },
  });
  expect(ann.take()).toHaveLength(1);
  expect(code('broadcast', { channels: [], data: 1 })).toBe(107);
  expect(code('broadcast', { channels: ['a'] })).toBe(107);
});

test('[HA6] a channel that knows the key of a broadcast gives its first result, the others publish', () => {
  const { call } = apiRig();
  call('publish', { channel: 'a', data: 0 });
  call('publish', { channel: 'a', data: 1, idempotency_key: 'k' });
  call('publish', { channel: 'a', data: 2 });
  expect(call('broadcast', { channels: ['a', 'b'], data: 3, idempotency_key: 'k' })).toMatchObject({
    result: { responses: [{ result: { offset: 2 } }, { result: { offset: 1 } }] },
  });
});

test('[HA7] whoever fits all that is given is meant, and nobody where nothing is given', () => {
  const { call, code, client } = apiRig();
  const [ann, anonymous] = [client(), client('')];
  for (const method of ['unsubscribe', 'subscribe', 'disconnect', 'refresh']) {
    expect(code(method, { user: '', channel: 'a' })).toBe(107);
  }
  expect(code('unsubscribe', { user: 'ann', channel: '' })).toBe(107);
  expect(code('subscribe', { user: 'ann' })).toBe(107);
  expect(call('disconnect', { user: 'ann', client: 'nobody' })).toEqual({ result: {} });
  expect(ann.close).toBeUndefined();
  expect(call('disconnect', { user: 'ann' })).toEqual({ result: {} });
  expect(ann.close).toMatchObject({ code: 3503 });
  expect(anonymous.close).toBeUndefined();
});

test('[HA8] a disconnect says code and reason, and spares the whitelist', () => {
  const clientIdOf = (number: number) => `client-${number}`;
  const { call, code, client } = apiRig({ clientIdOf });
  const [one, other] = [client(), client()];
  const disconnect = { code: 4501, reason: 'logged out' };
  const request = { user: 'ann', whitelist: ['client-1'], disconnect };
  expect(call('disconnect', request)).toEqual({ result: {} });
  expect(one.close).toBeUndefined();
  expect(other.close).toEqual(disconnect);
  expect(code('disconnect', { user: 'ann', disconnect: { code: 4501 } })).toBe(107);
  expect(code('disconnect', { user: 'ann', disconnect: { code: 1000, reason: 'x' } })).toBe(107);
  expect(one.close).toBeUndefined();
});

test('[HA7] an unsubscribe pushes code 2000', () => {
  const { call, client } = apiRig();
  const ann = client();
  ann.subscribe('o/ann');
  expect(call('unsubscribe', { user: 'ann', channel: 'o/ann' })).toEqual({ result: {} });
  expect(ann.take()).toMatchObject([{ push: { channel: 'o/ann', unsubscribe: { code: 2000 } } }]);
});

test('[HA9] a subscription from the server brings data, what was missed, and its own options', () => {
  const { call, client } = apiRig();
  const ann = client();
  const { result } = call('publish', { channel: 'a', data: 1 }) as { result: { epoch: string } };
  call('publish', { channel: 'a', data: 2 });
  const request = {
    user: 'ann',
    channel: 'a',
    data: { hello: 1 },
    info: { colour: 'red' },
    recover_since: { offset: 1, epoch: result.epoch },
    override: { presence: { value: true } },
  };
  expect(call('subscribe', request)).toEqual({ result: {} });
  expect(ann.take()).toMatchObject([
    { push: { channel: 'a', subscribe: { data: { hello: 1 } } } },
    { push: { channel: 'a', pub: { data: 2, offset: 2 } } },
  ]);
});

test('[HA9] a refresh ends a connection, or says when it ends', () => {
  const { call, client, time } = apiRig();
  const ann = client();
  const expiresAt = Math.floor(time.unixMs() / 1000) + 100;
  expect(call('refresh', { user: 'ann', expire_at: expiresAt })).toEqual({ result: {} });
  expect(ann.take()).toMatchObject([{ push: { refresh: { expires: true, ttl: 100 } } }]);
  call('refresh', { user: 'ann' });
  expect(ann.take()).toEqual([{ push: { refresh: {} } }]);
  call('refresh', { user: 'ann', expired: true });
  expect(ann.close).toMatchObject({ code: 3005 });
});

test('[HA10] presence tells who is there, where it is on', () => {
  const { call, client } = apiRig(channelsWith({ presence: true }));
  client().subscribe('a');
  expect(call('presence', { channel: 'a' })).toEqual({
    result: {
      presence: { [String(clientId(call))]: { user: 'ann', client: clientId(call) } },
    },
  });
  expect(call('presence_stats', { channel: 'a' })).toEqual({
    result: { num_clients: 1, num_users: 1 },
  });
  const { code } = apiRig();
  expect(code('presence', { channel: 'a' })).toBe(108);
  expect(code('presence_stats', { channel: 'a' })).toBe(108);
  expect(code('presence', { channel: '' })).toBe(107);
});

function clientId(call: (method: string, body: object) => unknown): string {
  const { result } = call('presence', { channel: 'a' }) as { result: { presence: object } };
  return Object.keys(result.presence)[0] ?? '';
}

test('[HA10] history is read from anywhere, and removed without losing the place', () => {
  const { call, code } = apiRig();
  for (const data of [1, 2, 3]) call('publish', { channel: 'a', data });
  const { result } = call('history', { channel: 'a' }) as { result: { epoch: string } };
  expect(result).toEqual({ publications: [], epoch: EPOCH, offset: 3 });
  const { epoch } = result;
  expect(call('history', { channel: 'a', limit: -1, since: { offset: 1, epoch } })).toMatchObject({
    result: { publications: [{ data: 2, offset: 2 }, { data: 3 }] },
  });
  expect(call('history', { channel: 'a', limit: 1, reverse: true })).toMatchObject({
    result: { publications: [{ data: 3 }] },
  });
  expect(code('history', { channel: 'a', since: { offset: 1, epoch: 'other' } })).toBe(112);
  expect(call('history_remove', { channel: 'a' })).toEqual({ result: {} });
  expect(call('history', { channel: 'a', limit: -1 })).toEqual({
    result: { publications: [], epoch, offset: 3 },
  });
  const off = apiRig({ channels: {} });
  expect(off.code('history', { channel: 'a' })).toBe(108);
  expect(off.code('history_remove', { channel: 'a' })).toBe(108);
});

test('[HA11] channels and info tell what is there', () => {
  const { call, code, client } = apiRig();
  client().subscribe('o/ann');
  client('bob').subscribe('p/bob', {}, { user: 'bob' });
  expect(call('channels')).toEqual({
    result: { channels: { 'o/ann': { num_clients: 1 }, 'p/bob': { num_clients: 1 } } },
  });
  expect(call('channels', { pattern: 'o/*' })).toEqual({
    result: { channels: { 'o/ann': { num_clients: 1 } } },
  });
  expect(code('channels', { pattern: '[' })).toBe(107);
  expect(call('info', '')).toEqual({
    result: {
      nodes: [
        {
          uid: 'u1',
          name: 'n1',
          version: '0.1.0',
          num_clients: 2,
          num_users: 2,
          num_subs: 2,
          num_channels: 2,
          uptime: 7,
        },
      ],
    },
  });
});

test('[HA12] a batch is carried out in order, each command with its own reply', () => {
  const { ask, call } = apiRig();
  const text = `{"parallel":true,"commands":[
    {"publish":{"channel":"a","data":12345678901234567890}},
    {"publish":{"channel":"a"}}, {"unknown":{}}, {},
    {"publish":{"channel":"a","b64data":"?"}},
    {"history":{"channel":"a","limit":1}}]}`;
  expect(ask('batch', text).text).toMatch(
    /^\{"result":\{"replies":\[\{"publish":\{"offset":1,"epoch":"[a-zA-Z]+"\}\},\{"error":\{"code":107,"message":"bad request"\}\},\{"error":\{"code":104,"message":"method not found"\}\},\{"error":\{"code":104,"message":"method not found"\}\},\{"error":\{"code":107,"message":"bad request"\}\},\{"history":\{"publications":\[\{"data":12345678901234567890,"offset":1\}\],"epoch":"[a-zA-Z]+","offset":1\}\}\]\}\}$/,
  );
  expect(call('batch', {})).toEqual({ result: { replies: [] } });
});

test('[HA12] [HA2] a batch with a command that cannot be read does nothing at all', () => {
  const { ask, call } = apiRig();
  const commands = [{ publish: { channel: 'a', data: 1 } }, { publish: { channel: 7 } }];
  expect(ask('batch', { commands }).status).toBe(400);
  expect(ask('batch', { commands: [1] }).status).toBe(400);
  expect(call('history', { channel: 'a' })).toMatchObject({ result: { offset: 0 } });
});

test('[HA2] what cannot be read is 400 as text, what is unknown is ignored', () => {
  const { ask, call } = apiRig();
  const bad = [
    'x',
    '[]',
    '1',
    '{"channel":1}',
    '{"channel":"a","data":1,"tags":{"a":1}}',
    '{"data":',
  ];
  for (const body of bad) {
    expect(ask('publish', body)).toEqual({
      status: 400,
      type: 'text/plain; charset=utf-8',
      text: 'Bad Request\n',
    });
  }
  expect(ask('history', '{"channel":"a","limit":1.5}').status).toBe(400);
  expect(ask('history', '{"channel":"a","since":{"offset":-1}}').status).toBe(400);
  expect(ask('disconnect', '{"user":"a","whitelist":"b"}').status).toBe(400);
  expect(ask('refresh', '{"user":"a","expired":"yes"}').status).toBe(400);
  const odd = { channel: 'a', data: 1, tags: null, delta: true, whatever: [] };
  expect(call('publish', odd)).toMatchObject({ result: { offset: 1 } });
});

test('[HA1] an unknown method is 404', () => {
  const { ask } = apiRig();
  expect(ask('survey', {})).toMatchObject({ status: 404 });
  expect(ask('constructor', {})).toMatchObject({ status: 404 });
});

test('[HA3] in the mode transport an error is a status', () => {
  const { ask } = apiRig(channelsWith({ presence: false }));
  const status = (method: string, body: object) => {
    const { status, text } = ask(method, body, 'transport');
    return [status, JSON.parse(text)];
  };
  expect(status('publish', { channel: 'x:y', data: 1 })).toEqual([
    404,
    { code: 102, message: 'unknown channel' },
  ]);
  expect(status('rpc', {})).toEqual([404, { code: 104, message: 'method not found' }]);
  expect(status('publish', {})).toEqual([400, { code: 107, message: 'bad request' }]);
  expect(status('presence', { channel: 'a' })).toEqual([
    400,
    { code: 108, message: 'not available' },
  ]);
  expect(status('history', { channel: 'a', since: { epoch: 'x', offset: 1 } })).toEqual([
    416,
    { code: 112, message: 'unrecoverable position' },
  ]);
  expect(status('broadcast', { channels: ['x:y'], data: 1 })).toMatchObject([
    200,
    { result: { responses: [{ error: { code: 102 } }] } },
  ]);
});

test('[HA13] what should not happen is error 100, and the host is told', () => {
  const { hub } = apiRig();
  const failures: unknown[] = [];
  const broken = {
    hub: {
      ...hub,
      publish: () => {
        throw new TypeError('broken');
      },
    },
    node: () => ({ uid: '', name: '', version: '', uptimeS: 0 }),
    failed: (error: unknown) => failures.push(error),
  };
  const body = '{"channel":"a","data":1}';
  expect(answerApi(broken, 'publish', body, 'transport')).toMatchObject({
    status: 500,
    text: '{"code":100,"message":"internal server error"}',
  });
  expect(failures).toHaveLength(1);
});

test('[HA13] no body, however strange, does more than get an answer', () => {
  const rig = apiRig(channelsWith({ presence: true }));
  const ann = rig.client();
  ann.subscribe('o/ann');
  const names = ['channel', 'channels', 'data', 'b64data', 'user', 'commands', 'since', 'tags'];
  const value = fc.oneof(
    fc.constantFrom<unknown>('o/ann', 'a', '', ':', 'ann', -1, 1e300, null, ['a', 'o/ann']),
    fc.jsonValue(),
  );
  const fields = fc.dictionary(fc.constantFrom(...names), value);
  const body = fc.oneof(
    fields.map((one) => JSON.stringify(one)),
    fc.array(fc.record({ publish: fields })).map((commands) => JSON.stringify({ commands })),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.constantFrom(...methodNames), body, (method, text) => {
      const { status, text: answer } = rig.ask(method, text);
      expect([200, 400]).toContain(status);
      if (status === 200) expect(JSON.parse(answer)).toBeTypeOf('object');
    }),
    { seed: Number(process.env.TELEX_FUZZ_SEED ?? 5), numRuns: 1_500 },
  );
  expect(rig.failures).toEqual([]);
  // Whatever was pushed is one JSON object a line.
  expect(() => ann.take()).not.toThrow();
});
