import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Page, placePage, startPage } from './page.ts';

/** Ids as they stand in links; anything else leads nowhere. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/;
const PLACES = [
  '/org/:organisation',
  '/org/:organisation/channel/:channel',
  '/org/:organisation/channel/:channel/thread/:thread',
];

/** What a browser is shown: `/`, and the web form of links into Telex. Nothing is looked up, so nothing is told. */
export function registerLanding(app: FastifyInstance, version: string): void {
  app.get('/', (_request, reply) => send(reply, startPage(version)));
  for (const place of PLACES) {
    app.get<{ Params: Readonly<Record<string, string>> }>(place, ({ params }, reply) => {
      if (!Object.values(params).every((id) => ID.test(id))) return reply.callNotFound();
      return send(reply, placePage(fill(place, params)));
    });
  }
}

function fill(place: string, params: Readonly<Record<string, string>>): string {
  return place.slice(1).replace(/:(\w+)/g, (_, name: string) => params[name] ?? '');
}

function send(reply: FastifyReply, { html, contentSecurityPolicy }: Page): FastifyReply {
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', contentSecurityPolicy)
    .send(html);
}
