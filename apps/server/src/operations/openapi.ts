import {
  type Auth,
  BASE_PATH,
  errorTable,
  IDEMPOTENCY_HEADER,
  pathParameters,
  type Route,
  routes,
} from '@telex/contract';
import { toJsonSchema } from '@valibot/to-json-schema';

type Schema = NonNullable<Route['body']>;
type Json = Readonly<Record<string, unknown>>;

const SECURITY: Record<Auth, readonly Json[]> = {
  none: [],
  access: [{ access: [] }],
  push: [{ notification: [] }, { access: [] }],
};

/** The OpenAPI 3.1 document, made of nothing but the contract's route table. */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries(routes)) {
    const path = `${BASE_PATH}${route.path}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Telex API', version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: {
        access: { type: 'http', scheme: 'bearer', description: 'The access token of a login.' },
        notification: { type: 'apiKey', in: 'header', name: 'X-Notification-Token' },
      },
      schemas: { Error: errorSchema() },
    },
  };
}

function operation(name: string, route: Route): Json {
  return {
    operationId: name,
    tags: [route.tag],
    summary: route.summary,
    ...(route.source === 'own' ? {} : { description: `Public Telex API, ${route.source}.` }),
    security: SECURITY[route.auth],
    parameters: parameters(route),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: json(jsonSchema(route.body, 'input')) } }),
    responses: {
      [route.status]:
        route.status === 204
          ? { description: 'Done' }
          : { description: 'Success', content: json(successSchema(route)) },
      default: {
        description: 'An error: switch on `code`.',
        content: json({ $ref: '#/components/schemas/Error' }),
      },
    },
  };
}

function parameters(route: Route): Json[] {
  const inPath = pathParameters(route.path).map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const query = route.query === undefined ? {} : jsonSchema(route.query, 'input');
  const required = list(query.required);
  const inQuery = Object.entries(record(query.properties)).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
  const idempotency = {
    name: IDEMPOTENCY_HEADER,
    in: 'header',
    required: false,
    description: 'Makes a repeat within 24 h give the same result.',
    schema: { type: 'string' },
  };
  return [...inPath, ...inQuery, ...(route.idempotent ? [idempotency] : [])];
}

function successSchema(route: Route): Json {
  const data = route.reply === undefined ? undefined : jsonSchema(route.reply, 'input');
  const bare = Object.fromEntries(
    (route.bare ?? []).map((key) => [key, record(data?.properties)[key] ?? {}]),
  );
  return {
    type: 'object',
    required: ['status', 'status_code', 'message', ...(data === undefined ? [] : ['data'])],
    properties: {
      status: { const: 'success' },
      status_code: { type: 'integer' },
      message: { type: 'string' },
      ...(data === undefined ? {} : { data }),
      ...(route.paged ? { pagination: { type: 'object' } } : {}),
      ...bare,
    },
  };
}

function errorSchema(): Json {
  return {
    type: 'object',
    required: ['status', 'status_code', 'message', 'code', 'errors', 'error'],
    properties: {
      status: { const: 'error' },
      status_code: { type: 'integer' },
      message: { type: 'string' },
      code: { enum: Object.keys(errorTable) },
      errors: { type: 'array', items: { type: 'string' } },
      error: { type: 'string' },
      request_id: { type: 'string' },
    },
  };
}

/** What JSON Schema cannot say (trimming, transforming) is left out; the server checks it anyway. */
function jsonSchema(schema: Schema, typeMode: 'input' | 'output'): Json {
  const { $schema, ...rest } = record(toJsonSchema(schema, { errorMode: 'ignore', typeMode }));
  return rest;
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
