import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { keys } from '../config.ts';
import { at } from '../json.ts';
import type { ApiReply, PushApi } from '../push-api.ts';

const inTransport = { headers: { 'x-centrifugo-error-mode': 'transport' } };
const body = JSON.stringify({ channel: 'somebody/u', data: {} });

async function post(url: string, headers: Record<string, string>): Promise<Response> {
  return await fetch(url, { method: 'POST', body, headers, signal: AbortSignal.timeout(5_000) });
}

/** Errors of both modes as status, code and message. */
function outcome({ status, body: found }: ApiReply) {
  return { status, body: found };
}

async function statuses(api: PushApi, channel: string): Promise<void> {
  const call = (method: string, params: Record<string, unknown>) =>
    api.call(method, params, inTransport);
  const { epoch } = await api.publish(channel, 1);
  const faults = [
    ['publish', { channel, data: {} }, 200, undefined],
    ['publish', { channel: `nowhere:${channel}`, data: {} }, 404, 102],
    ['publish', { channel }, 400, 107],
    ['presence', { channel }, 400, 108],
    ['history', { channel, limit: -1, since: { offset: 1, epoch: `${epoch}x` } }, 416, 112],
  ] as const;
  for (const [method, params, status, code] of faults) {
    const reply = await call(method, params);
    assert.equal(reply.status, status, `${method}: ${reply.text}`);
    assert.equal(at(reply.body, 'code'), code, reply.text);
    if (code !== undefined) assert.equal(typeof at(reply.body, 'message'), 'string');
  }
}

/** What every API request has in common: its key, its path, its body, its errors. */
export const apiRequestCases: readonly ConformanceCase[] = [
  {
    id: 'api/key',
    title: 'the key may be in X-API-Key, in Authorization: apikey, or in the query',
    async run({ server, api, channel }) {
      const one = channel();
      const url = `${server.apiUrl}/publish`;
      const request = JSON.stringify({ channel: one, data: {} });
      const tries: [string, Record<string, string>][] = [
        [url, { 'X-API-Key': keys.api }],
        [url, { Authorization: `apikey ${keys.api}` }],
        [url, { Authorization: `ApiKey ${keys.api}` }],
        [`${url}?api_key=${keys.api}`, {}],
      ];
      for (const [to, headers] of tries) {
        const reply = await fetch(to, { method: 'POST', headers, body: request });
        assert.equal(reply.status, 200);
        assert.match(await reply.text(), /"result":\{/);
      }
      const { offset } = await api.result('history', { channel: one });
      assert.equal(offset, tries.length);
    },
  },
  {
    id: 'api/wrong-key',
    title: 'without the right key: 401, with nothing said, and nothing done',
    async run({ server, api, channel }) {
      const one = channel();
      const url = `${server.apiUrl}/publish`;
      const request = JSON.stringify({ channel: one, data: {} });
      const tries: [string, Record<string, string>][] = [
        [url, {}],
        [url, { 'X-API-Key': `${keys.api}x` }],
        [url, { 'X-API-Key': keys.api.slice(1) }],
        [url, { 'X-API-Key': '' }],
        [url, { Authorization: `Bearer ${keys.api}` }],
        [url, { Authorization: keys.api }],
        [`${url}?api_key=`, {}],
        [`${url}?api_key=nothing`, {}],
      ];
      for (const [to, headers] of tries) {
        const reply = await fetch(to, { method: 'POST', headers, body: request });
        assert.equal(reply.status, 401, JSON.stringify(headers));
        assert.equal(await reply.text(), '');
      }
      assert.equal((await api.result('history', { channel: one })).offset, 0);
    },
  },
  {
    id: 'api/no-key-configured',
    title:
      'where no key is configured: with stock every call is 401, ours says so and does not start',
    async run({ startAnother, manner }) {
      const starting = startAnother({ http_api: { key: '' } });
      if (manner('api-key-missing') === 'hub') {
        await assert.rejects(starting, /http_api\.key/);
        return;
      }
      const { server } = await starting;
      for (const headers of [{}, { 'X-API-Key': '' }, { 'X-API-Key': keys.api }]) {
        assert.equal((await post(`${server.apiUrl}/publish`, headers)).status, 401);
      }
    },
  },
  {
    id: 'api/insecure',
    title: 'http_api.insecure wants no key',
    config: { http_api: { insecure: true } },
    needs: ['insecure-modes'],
    async run({ server }) {
      for (const headers of [{}, { 'X-API-Key': 'another' }]) {
        assert.equal((await post(`${server.apiUrl}/publish`, headers)).status, 200);
      }
    },
  },
  {
    id: 'api/method',
    title: 'anything but POST is 405, a method that there is not 404',
    async run({ server, api }) {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const headers = { 'X-API-Key': keys.api };
        const reply = await fetch(`${server.apiUrl}/info`, { method, headers });
        assert.equal(reply.status, 405, method);
      }
      assert.equal((await api.call('no_such_method', {})).status, 404);
      assert.equal((await api.call('Publish', {})).status, 404);
    },
  },
  {
    id: 'api/undecodable',
    title: 'a body that is no JSON, or has a field of another type, is 400 as text',
    async run({ api, channel }) {
      const one = JSON.stringify(channel());
      const bodies = [
        'nothing',
        '{',
        `{"channel":${one},"data":`,
        `{"channel":${one},"data":{}`,
        `{"channel":${one},"data":{a:1}}`,
        '[]',
        '"text"',
        '1',
        '{"channel":1,"data":{}}',
        `{"channel":${one},"data":{},"idempotency_key":5}`,
        `{"channel":${one},"data":{},"skip_history":"yes"}`,
      ];
      for (const text of bodies) {
        const reply = await api.call('publish', text);
        assert.equal(reply.status, 400, `${text}: ${reply.status} ${reply.text}`);
        assert.equal(reply.body, undefined);
      }
      const broadcast = await api.call('broadcast', `{"channels":${one},"data":{}}`);
      assert.equal(broadcast.status, 400);
    },
  },
  {
    id: 'api/unknown-fields',
    title: 'unknown fields are passed over, and the content type does not count',
    async run({ server, api, channel }) {
      const one = channel();
      await api.publish(one, 1, { something: { new: true }, more: null });
      const reply = await fetch(`${server.apiUrl}/publish`, {
        method: 'POST',
        headers: { 'X-API-Key': keys.api, 'content-type': 'text/plain' },
        body: JSON.stringify({ channel: one, data: 2 }),
      });
      assert.match(await reply.text(), /"offset":2/);
      assert.match(reply.headers.get('content-type') ?? '', /^application\/json/);
    },
  },
  {
    id: 'api/error-in-the-body',
    title: 'an error is status 200 with code and message in the body',
    async run({ api, channel }) {
      const one = channel();
      assert.deepEqual(outcome(await api.call('publish', { channel: one })), {
        status: 200,
        body: { error: { code: 107, message: 'bad request' } },
      });
      assert.deepEqual(outcome(await api.call('presence', { channel: one })), {
        status: 200,
        body: { error: { code: 108, message: 'not available' } },
      });
      assert.deepEqual(outcome(await api.call('history', { channel: `nowhere:${one}` })), {
        status: 200,
        body: { error: { code: 102, message: 'unknown channel' } },
      });
    },
  },
  {
    id: 'api/error-mode-of-a-request',
    title:
      'with X-Centrifugo-Error-Mode: transport errors are HTTP statuses, their bodies code and message alone',
    needs: ['error-mode'],
    async run({ api, channel }) {
      await statuses(api, channel());
      assert.equal((await api.call('publish', { channel: '' })).status, 200);
    },
  },
  {
    id: 'api/error-mode-configured',
    title:
      'http_api.error_mode transport does so for every request, broadcasts and batches excepted',
    config: { http_api: { error_mode: 'transport' } },
    needs: ['error-mode', 'api-batch'],
    async run({ api, channel }) {
      const one = channel();
      const refused = await api.call('publish', { channel: '', data: {} });
      assert.deepEqual(outcome(refused), {
        status: 400,
        body: { code: 107, message: 'bad request' },
      });
      const broadcast = await api.call('broadcast', { channels: ['nowhere:x', one], data: 1 });
      assert.equal(broadcast.status, 200);
      assert.match(broadcast.text, /"error":\{"code":102.*"result":\{.*"offset":1/);
      const batch = await api.call('batch', { commands: [{ publish: { channel: '' } }] });
      assert.equal(batch.status, 200);
      assert.match(batch.text, /"error":\{"code":107/);
    },
  },
  {
    id: 'api/large-body',
    title: 'a request of 3 MB is taken',
    async run({ api, channel }) {
      const one = channel();
      assert.equal((await api.publish(one, 'x'.repeat(3_000_000))).offset, 1);
      await api.result('history_remove', { channel: one });
    },
    needs: ['history-remove'],
  },
  {
    id: 'api/body-in-pieces',
    title: 'a body may come in pieces, without its length being told',
    async run({ server, api, channel }) {
      const one = channel();
      const text = Buffer.from(JSON.stringify({ channel: one, data: 'é'.repeat(1_000) }));
      const pieces = new ReadableStream<Uint8Array>({
        start: (controller) => {
          // Cut within a character, too.
          for (let from = 0; from < text.length; from += 51) {
            controller.enqueue(new Uint8Array(text.subarray(from, from + 51)));
          }
          controller.close();
        },
      });
      const reply = await fetch(`${server.apiUrl}/publish`, {
        method: 'POST',
        headers: { 'X-API-Key': keys.api },
        body: pieces,
        duplex: 'half',
      });
      assert.equal(reply.status, 200);
      const { publications } = await api.result('history', { channel: one, limit: 1 });
      assert.deepEqual(publications, [{ data: 'é'.repeat(1_000), offset: 1 }]);
    },
  },
  {
    id: 'api/many-at-once',
    title: 'two hundred requests at once are all answered',
    async run({ api, channel }) {
      const channels = Array.from({ length: 200 }, channel);
      const results = await Promise.all(channels.map((one) => api.publish(one, one)));
      for (const { offset } of results) assert.equal(offset, 1);
    },
  },
];
