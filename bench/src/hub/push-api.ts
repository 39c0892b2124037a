import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { PushServerPlace } from './messages.ts';

/** Calls of the push server's HTTP API (centrifugo.md §11), one connection, one after another. */
export class PushApi {
  readonly #place: PushServerPlace;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(place: PushServerPlace) {
    this.#place = place;
    const keep = { keepAlive: true, maxSockets: 1 };
    this.#agent = place.ca === undefined ? new HttpAgent(keep) : new HttpsAgent(keep);
  }

  /** One publication to many channels; how long the call took, in milliseconds. Rejects unless each channel took it. */
  async broadcast(channels: readonly string[], data: object, key: string): Promise<number> {
    const startedAt = performance.now();
    const body = JSON.stringify({ channels, data, idempotency_key: key });
    const reply = await this.#post('/api/broadcast', body);
    const tookMs = performance.now() - startedAt;
    if (reply.includes('"error"')) throw new Error(`a broadcast failed: ${reply.slice(0, 300)}`);
    return tookMs;
  }

  /** Text of a page that needs no key: `/health`, `/metrics`. */
  get(path: string): Promise<string> {
    return this.#call('GET', path, '');
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(path: string, body: string): Promise<string> {
    return this.#call('POST', path, body);
  }

  #call(method: string, path: string, body: string): Promise<string> {
    const { port, ca, apiKey } = this.#place;
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'X-API-Key': apiKey,
    };
    const options = { agent: this.#agent, host: '127.0.0.1', port, method, path, headers };
    return new Promise((resolve, reject) => {
      const call = ca === undefined ? requestHttp(options) : requestHttps({ ...options, ca });
      call.once('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('error', reject);
        response.once('end', () => {
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`${path} was answered ${response.statusCode}: ${text}`));
        });
      });
      call.once('error', reject);
      call.end(body);
    });
  }
}
