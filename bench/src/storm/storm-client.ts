import { PUSH_PATH } from '@telex/contract';
import type { ApiCaller } from '@telex/testkit';
import { LoadConnection } from '../hub/load-connection.ts';
import { commandFrame, sign } from '../hub/login-frame.ts';
import type { StormKeys, StormUser } from './messages.ts';

/** As `packages/client` has it: the window doubles from 2 to 20 s, the delay is in its upper three quarters. */
const FIRST_WINDOW_MS = 2_000;
const LAST_WINDOW_MS = 20_000;
/** For the transport to open, then for each answer (`packages/client/src/link.ts`). */
const ANSWER_TIMEOUT_MS = 10_000;
const CATCH_UP_RETRY_MS = 2_000;
const TOKEN_LIFE_S = 900;
const TOKEN_EXPIRED = 109;

/** What all clients share. */
export interface StormHost {
  readonly organisationId: string;
  readonly keys: StormKeys;
  readonly scratch: Buffer;
  /** Of the server as it is now. */
  place(): { readonly port: number; readonly ca: string | undefined };
  api(): ApiCaller;
  onLive(): void;
  onDial(): void;
  onClosed(code: number): void;
  onError(what: string): void;
  onRenewed(): void;
  onRecovered(): void;
  onCaughtUp(): void;
}

/**
 * Behaves as a Telex client does, at the cost of a raw socket: connect, then subscribe with recovery; when the link is
 * lost, back-off with jitter; an expired token is renewed over the API; what was not recovered is fetched.
 */
export class StormClient {
  readonly #host: StormHost;
  readonly #number: number;
  readonly #channel: string;
  #user: StormUser;
  #accessToken: string;
  #connectToken: string;
  #channelToken: string;
  readonly #seq: number;
  #position: { readonly epoch: string; readonly offset: number } | undefined;
  #connection: LoadConnection | undefined;
  #tries = 0;
  /** Messages that came before the connection of now. */
  #before = 0;

  constructor(host: StormHost, number: number, user: StormUser, seq: number) {
    this.#host = host;
    this.#number = number;
    this.#user = user;
    this.#seq = seq;
    this.#channel = `${host.organisationId}/${user.id}`;
    this.#accessToken = this.#mint('access', TOKEN_LIFE_S);
    this.#connectToken = this.#mint('notification', TOKEN_LIFE_S);
    this.#channelToken = this.#mint('subscription', TOKEN_LIFE_S);
  }

  /** Messages so far: pushed, recovered and fetched. */
  get messages(): number {
    return this.#before + (this.#connection?.deliveries ?? 0);
  }

  dial(): void {
    const host = this.#host;
    host.onDial();
    const { port, ca } = host.place();
    const connect = { id: 1, connect: { token: this.#connectToken, name: 'storm' } };
    const since = this.#position === undefined ? {} : { recover: true, ...this.#position };
    const subscribe = { channel: this.#channel, token: this.#channelToken, ...since };
    const limit = setTimeout(() => {
      host.onError('no answer');
      connection.destroy();
    }, ANSWER_TIMEOUT_MS);
    const connection = new LoadConnection({
      place: { port, ca },
      path: PUSH_PATH,
      localAddress: `127.0.0.${2 + (this.#number % 8)}`,
      login: commandFrame([connect]),
      afterConnect: commandFrame([{ id: 2, subscribe }]),
      subscriptions: 1,
      scratch: host.scratch,
      onProgress: () => limit.refresh(),
      onDelivery: () => {},
      onReady: (isSubscribed, said, code) => {
        clearTimeout(limit);
        if (isSubscribed) this.#subscribed(said);
        else this.#failed(said, code);
      },
      onClose: (_, code) => this.#lost(code),
    });
    this.#connection = connection;
  }

  /** The link breaks without a word, and what is known of the tokens may be out of date. */
  cut(hasExpired: boolean): void {
    if (hasExpired) this.#connectToken = this.#mint('notification', -1);
    this.#connection?.destroy();
  }

  #subscribed(said: string): void {
    const line = said.split('\n').find((object) => object.includes('"subscribe":')) ?? '{}';
    const { subscribe: result = {} } = JSON.parse(line);
    const wasAway = this.#position !== undefined;
    const publications: readonly { readonly offset: number }[] = result.publications ?? [];
    this.#before += publications.length;
    const { epoch = '', offset = 0 } = result;
    this.#position = { epoch, offset: publications.at(-1)?.offset ?? offset };
    this.#tries = 0;
    if (wasAway && result.recovered !== true) void this.#catchUp();
    else {
      if (wasAway) this.#host.onRecovered();
      this.#host.onLive();
    }
  }

  #lost(code: number): void {
    this.#host.onClosed(code);
    this.#keepCount();
    const { epoch = '', offset = 0 } = this.#position ?? {};
    this.#position = { epoch, offset: offset + (this.#connection?.deliveries ?? 0) };
    this.#connection = undefined;
    this.#dialLater();
  }

  #failed(said: string, code: number): void {
    const error = Number(/"error":\{"code":(\d+)/.exec(said)?.[1] ?? 0);
    this.#connection = undefined;
    if (error > 0) this.#host.onError(String(error));
    else this.#host.onClosed(code);
    if (error !== TOKEN_EXPIRED) {
      this.#dialLater();
      return;
    }
    this.#renew().then(
      () => {
        this.#host.onRenewed();
        this.#dialLater();
      },
      (fault: unknown) => {
        this.#host.onError(`renewal: ${String(fault).slice(0, 100)}`);
        this.#dialLater();
      },
    );
  }

  #keepCount(): void {
    this.#before += this.#connection?.deliveries ?? 0;
  }

  #dialLater(): void {
    const window = Math.min(LAST_WINDOW_MS, FIRST_WINDOW_MS * 2 ** Math.min(this.#tries, 10));
    this.#tries += 1;
    setTimeout(() => this.dial(), window * (0.25 + 0.75 * Math.random()));
  }

  async #renew(): Promise<void> {
    const api = this.#host.api();
    const body = { refresh_token: this.#user.refreshToken };
    const renewed = await api.call('refresh', { body });
    this.#user = { ...this.#user, refreshToken: renewed.refresh_token ?? '' };
    this.#accessToken = renewed.access_token;
    this.#connectToken = renewed.notification_token ?? '';
    const headers = { 'X-Notification-Token': this.#connectToken };
    const { subscriptions } = await api.call('subscriptions', { headers });
    this.#channelToken = subscriptions[0]?.token ?? '';
  }

  async #catchUp(): Promise<void> {
    try {
      const cursor = { organisation_id: this.#host.organisationId, seq: this.#seq };
      const body = { cursors: [cursor] };
      const reply = await this.#host.api().call('catchUp', { token: this.#accessToken, body });
      const [mine] = reply.organisations;
      if (mine === undefined || mine.reset) throw new Error('no events in the reply');
      // From the beginning: what had been pushed is in it again, and a client tells by the seq that it knows it.
      this.#before = Math.max(this.#before, mine.events.length);
      this.#host.onCaughtUp();
      this.#host.onLive();
    } catch (fault) {
      this.#host.onError(`catching up: ${String(fault).slice(0, 100)}`);
      setTimeout(() => void this.#catchUp(), CATCH_UP_RETRY_MS * (0.5 + Math.random() / 2));
    }
  }

  #mint(use: 'access' | 'notification' | 'subscription', lifeS: number): string {
    const { keys } = this.#host;
    const iat = Math.floor(Date.now() / 1000);
    const { id: sub, sessionId: sid } = this.#user;
    const claims = { sub, sid, use, iat, exp: iat + lifeS };
    if (use === 'access') return sign(claims, Buffer.from(keys.access, 'base64url'));
    if (use === 'notification') return sign(claims, keys.connection);
    return sign({ ...claims, channel: this.#channel }, keys.subscription);
  }
}
