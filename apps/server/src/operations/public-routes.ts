import { BASE_PATH } from '@telex/contract';
import type { FastifyInstance } from 'fastify';
import { askHealth, type HealthParts } from './health.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** What the server shows besides the API: `/livez`, `/readyz` and the OpenAPI document. */
export function registerPublicRoutes(
  app: FastifyInstance,
  options: { readonly version: string; readonly parts: HealthParts },
): void {
  app.get('/livez', (_request, reply) => {
    reply.header('content-type', JSON_TYPE).send('{"ok":true}');
  });
  app.get('/readyz', async (_request, reply) => {
    const { ok } = await askHealth(options.parts);
    return reply
      .code(ok ? 200 : 503)
      .headers(ok ? {} : { 'retry-after': '1' })
      .header('content-type', JSON_TYPE)
      .send(JSON.stringify({ ok }));
  });
  let document: Promise<string> | undefined;
  app.get(`${BASE_PATH}/openapi.json`, async (_request, reply) => {
    // Loaded when it is first asked for: start-up has no use for it.
    document ??= import('./openapi.ts').then(({ openApiDocument }) =>
      JSON.stringify(openApiDocument(options.version)),
    );
    return reply.header('content-type', JSON_TYPE).send(await document);
  });
}
