import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse, parseJson } from '@telex/contract';
import * as v from 'valibot';
import type { LoginOutcome, LoginRequest, TrySignIn } from '../desktop/login-dialog.ts';
import { pageHtml, pagePolicy } from './page/page-html.ts';
import type { PageGiven } from './page/page-script.ts';
import type { PageEnd } from './page/page-state.ts';
import { pageOutcome } from './page-outcome.ts';
import { readBody } from './read-body.ts';
import { reply, replyJson, setHeaders } from './replies.ts';
import { guardRequest, LONGEST_BODY, type LoginRoute } from './request-guard.ts';
import { isSameSecret, newSecret } from './secret.ts';

/** Some browsers break off an answer that takes longer than 5 minutes. */
const WAIT_MS = 120_000;
/** A page that asks for no news for so long is gone: closed, reloaded or crashed. */
const GONE_AFTER_MS = 3_000;

export interface LoginPageOptions {
  readonly request: LoginRequest;
  readonly trySignIn: TrySignIn;
  /** Calls back later; the result takes it back. */
  readonly after: (delayMs: number, run: () => void) => () => void;
}

/** A page that a browser is to be opened with. */
export interface Opening {
  /** The one address that takes the secret. */
  readonly action: string;
  /** Good for one load of the page; a newer opening voids it. */
  readonly secret: string;
}

const openingForm = v.pipe(v.string(), v.startsWith('secret='));
const secretSchema = v.pipe(v.string(), v.maxLength(100));
const secretBody = v.object({ secret: secretSchema });
const attemptBody = v.object({
  secret: secretSchema,
  email: v.string(),
  password: v.string(),
  server: v.string(),
});

/** One dialog's page: its two secrets, the try under way and the question for news. */
export class LoginPage {
  port = 0;
  readonly opened = Promise.withResolvers<void>();
  readonly outcome = Promise.withResolvers<'signed-in' | 'cancelled'>();
  standing: 'signed-in' | 'cancelled' = 'cancelled';
  readonly #options: LoginPageOptions;
  #place: PageGiven['place'] = 'window';
  #openingSecret: string | undefined;
  #pageSecret: string | undefined;
  #trying: { readonly stopped: AbortController; readonly done: Promise<LoginOutcome> } | undefined;
  #isClosed = false;
  #waiting: ServerResponse | undefined;
  #cancelGone = (): void => {};

  constructor(options: LoginPageOptions) {
    this.#options = options;
  }

  newOpening(place: PageGiven['place']): Opening {
    this.#place = place;
    this.#openingSecret = newSecret();
    return { action: `http://127.0.0.1:${this.port}/open`, secret: this.#openingSecret };
  }

  /** @returns false where it was closed already */
  close(end: PageEnd): boolean {
    if (this.#isClosed) return false;
    this.#isClosed = true;
    this.#openingSecret = undefined;
    this.#pageSecret = undefined;
    this.#cancelGone();
    this.#trying?.stopped.abort();
    if (this.#waiting !== undefined) replyJson(this.#waiting, { end });
    this.#waiting = undefined;
    return true;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Connection', 'close');
    const route = guardRequest(request, this.port);
    if (typeof route === 'number') return refuse(request, response, route);
    const body = await readBody(request, LONGEST_BODY);
    if (body === undefined) return refuse(request, response, 413);
    switch (route) {
      case 'open':
        return this.#open(body, response);
      case 'sign-in':
        return this.#signIn(body, response);
      case 'wait':
        return this.#wait(body, response);
      case 'leave':
        return this.#leave(body, response);
      default:
        return route satisfies never;
    }
  }

  #open(body: string, response: ServerResponse): void {
    const form = parse(openingForm, body);
    const given = form.ok ? form.value.slice('secret='.length) : '';
    const wanted = this.#openingSecret;
    if (wanted === undefined || !isSameSecret(given, wanted)) {
      reply(response, 403);
      return;
    }
    this.#openingSecret = undefined;
    this.#pageSecret = newSecret();
    const nonce = newSecret();
    const { server, reason, email } = this.#options.request;
    const html = pageHtml({
      server,
      reason,
      email,
      nonce,
      place: this.#place,
      secret: this.#pageSecret,
    });
    setHeaders(response);
    response.setHeader('Content-Security-Policy', pagePolicy(nonce));
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(html);
    this.opened.resolve();
  }

  async #signIn(body: string, response: ServerResponse): Promise<void> {
    const attempt = this.#read(attemptBody, body);
    if (attempt === undefined) return reply(response, 403);
    // One that was stopped ends first.
    if (this.#trying?.stopped.signal.aborted) await this.#trying.done;
    if (this.#trying !== undefined || this.standing === 'signed-in') return reply(response, 409);
    const { email, password, server } = attempt;
    const stopped = new AbortController();
    const done = this.#options.trySignIn({ email, password, server }, stopped.signal);
    const trying = { stopped, done };
    this.#trying = trying;
    // The page stops a try by breaking off its request; after the answer there is nothing to stop.
    response.once('close', () => {
      if (this.#trying === trying) stopped.abort();
    });
    const outcome = await done;
    this.#trying = undefined;
    if (outcome.ok) this.standing = 'signed-in';
    if (!response.destroyed) replyJson(response, pageOutcome(outcome));
    // Where something is to be read first, the page says when it was.
    const isRead = outcome.ok && (outcome.hint === undefined || response.destroyed);
    if (isRead) this.outcome.resolve('signed-in');
  }

  #wait(body: string, response: ServerResponse): void {
    if (this.#read(secretBody, body) === undefined) {
      reply(response, 403);
      return;
    }
    const before = this.#waiting;
    this.#waiting = response;
    if (before !== undefined) replyJson(before, {});
    this.#cancelGone();
    const askAgain = this.#options.after(WAIT_MS, () => {
      if (this.#waiting === response) replyJson(response, {});
    });
    response.once('close', () => {
      askAgain();
      if (this.#waiting !== response) return;
      this.#waiting = undefined;
      if (this.#isClosed) return;
      this.#cancelGone = this.#options.after(GONE_AFTER_MS, () =>
        this.outcome.resolve(this.standing),
      );
    });
  }

  #leave(body: string, response: ServerResponse): void {
    if (this.#read(secretBody, body) === undefined) {
      reply(response, 403);
      return;
    }
    reply(response, 204);
    this.outcome.resolve(this.standing);
  }

  /** The body, where it has the form and the page's own secret. */
  #read<Schema extends v.GenericSchema<unknown, { readonly secret: string }>>(
    schema: Schema,
    body: string,
  ): v.InferOutput<Schema> | undefined {
    const json = parseJson(body);
    const parsed = json.ok ? parse(schema, json.value) : undefined;
    const wanted = this.#pageSecret;
    if (wanted === undefined || !parsed?.ok) return undefined;
    return isSameSecret(parsed.value.secret, wanted) ? parsed.value : undefined;
  }
}

/** Refuses before the body was read: what still comes is not looked at, and the connection ends. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: Exclude<ReturnType<typeof guardRequest>, LoginRoute>,
): void {
  reply(response, status);
  response.once('finish', () => request.destroy());
}
