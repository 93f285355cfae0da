/** The API described as OpenAPI 3.1, made of its contracts. Pure. */
import { z } from 'zod';
import { API_ROUTES, type ApiRoute, type Problems } from './openapi-routes.ts';

type Json = Readonly<Record<string, unknown>>;

const KEY_HEADER: Json = {
  ...{ name: 'Idempotency-Key', in: 'header', required: true },
  description: 'One for each intention: with the same key a write is done once, however often it is sent.',
  schema: { type: 'string', minLength: 8, maxLength: 200 },
};
const REASON = z.string().min(3).max(500).describe('Why; it is kept in the audit.');
const PROBLEM_REF = '#/components/schemas/Problem';
const PROBLEM_SCHEMA: Json = {
  type: 'object',
  properties: {
    ...{
      type: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string', description: 'For people.' },
    },
    code: { type: 'string', description: 'Stable.' },
    position: { type: ['integer', 'null'], description: 'Of a search: where it cannot be read.' },
  },
  required: ['type', 'status', 'code', 'detail'],
};

/** The document. */
export function openApiDocument(): Json {
  const paths = new Map<string, Record<string, Json>>();
  for (const route of API_ROUTES) {
    const methods = paths.get(route.path) ?? {};
    methods[route.method] = operationOf(route);
    paths.set(route.path, methods);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Trellis',
      version: '1',
      description:
        'Times are epoch milliseconds, null = cannot be told. Reading from this machine needs no credentials. Writes need JSON, a reason, an Idempotency-Key, and either the same origin or a token.',
    },
    paths: Object.fromEntries(paths),
    components: {
      schemas: { Problem: PROBLEM_SCHEMA },
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'npm run token -- create' } },
    },
    security: [{}, { token: [] }],
  };
}

function operationOf(route: ApiRoute): Json {
  const { method, path, summary, query, body, isWrite } = route;
  const parameters = [
    ...Object.entries(route.inPath ?? {}).map(([name, description]) => ({
      ...{ name, in: 'path', required: true, description, schema: { type: 'string' } },
    })),
    ...(query === undefined ? [] : queryParameters(query)),
    ...(isWrite === undefined ? [] : [KEY_HEADER]),
  ];
  return {
    operationId: `${method} ${path.replace('/api/v1/', '')}`.replace(/[^a-z]+(.)?/gi, (_, next = '') =>
      String(next).toUpperCase(),
    ),
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: bodyOf(body, isWrite === true) }),
    responses: responsesOf(route),
  };
}

/** Each once; those that may be repeated are alternatives. */
function queryParameters(query: z.ZodType): Json[] {
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: 'query', required: required.includes(name), schema },
    ...(schema.type === 'array' ? { style: 'form', explode: true } : {}),
  }));
}

function bodyOf(body: z.ZodType, isWrite: boolean): Json {
  const schema = isWrite ? withReason(schemaOf(body, 'input')) : schemaOf(body, 'input');
  return { required: true, content: { 'application/json': { schema } } };
}

/** A strict object takes nothing beside its own properties, so the reason has to be one of them. */
function withReason(schema: Json): Json {
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (Array.isArray(alternatives)) {
    const { oneOf: _, anyOf: __, ...rest } = schema;
    return { ...rest, oneOf: alternatives.map((one) => withReason(one as Json)) };
  }
  const { properties, required } = schema as { properties?: Json; required?: readonly string[] };
  const reason = schemaOf(REASON, 'input');
  return { ...schema, properties: { ...properties, reason }, required: [...(required ?? []), 'reason'] };
}

function responsesOf({ answer, status = 200, problems, isWrite }: ApiRoute): Json {
  const content = isSchema(answer)
    ? { 'application/json': { schema: schemaOf(answer, 'output') } }
    : Object.fromEntries(answer.map((type) => [type, {}]));
  const headers = isWrite === undefined ? {} : { headers: WRITE_HEADERS };
  return {
    [status]: {
      description: status === 202 ? 'Begun; the operation tells how it goes on.' : 'OK',
      ...headers,
      content,
    },
    ...Object.fromEntries(Object.entries(joined(problems)).map(([code, codes]) => [code, problemOf(codes)])),
  };
}

const WRITE_HEADERS: Json = {
  'audit-request': { description: 'Id of the write in the audit.', schema: { type: 'string' } },
  'idempotency-replayed': { description: 'true: the answer of the first time.', schema: { type: 'string' } },
};

function isSchema(answer: ApiRoute['answer']): answer is z.ZodType {
  return !Array.isArray(answer);
}

function joined(problems: readonly Problems[]): Problems {
  const all: Record<number, string[]> = {};
  for (const [status, codes] of problems.flatMap((one) => Object.entries(one))) {
    const key = Number(status);
    all[key] = [...new Set([...(all[key] ?? []), ...codes])];
  }
  return all;
}

function problemOf(codes: readonly string[]): Json {
  const schema = { allOf: [{ $ref: PROBLEM_REF }, { properties: { code: { enum: codes } } }] };
  return { description: codes.join(', '), content: { 'application/problem+json': { schema } } };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return json;
}
