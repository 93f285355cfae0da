/** The description of the API is of this API: every route file is in it and nothing else, and what it says can be read. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openApiDocument } from '#lib/contract/openapi.ts';
import { API_ROUTES } from '#lib/contract/openapi-routes.ts';
import { REFUSALS } from '#lib/permissions.ts';
import { TOKEN_FAULTS } from '#server/auth/tokens.ts';
import { ACT_STATUSES } from '#server/commands/act.ts';

const APP = join(import.meta.dirname, '../../app');
type Operation = {
  operationId: string;
  parameters?: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string; content: Record<string, object> }>;
};
type Schema = { properties?: object; required?: string[]; oneOf?: Schema[]; additionalProperties?: boolean };
const document = openApiDocument() as { paths: Record<string, Record<string, Operation>> };
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** `get /api/v1/tasks/{id}` of every handler that a route file exports. */
function routesOfFiles(): { route: string; text: string }[] {
  const files = readdirSync(join(APP, 'api/v1'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('route.ts'))
    .flatMap((file) => {
      const text = readFileSync(join(APP, 'api/v1', file), 'utf8');
      const path = `/api/v1/${file.replace(/\/?route\.ts$/, '').replace(/\[(\w+)\]/g, '{$1}')}`;
      const methods = [...text.matchAll(/^export (?:async )?function ([A-Z]+)\(/gm)].map(([, name = '']) => name);
      return methods.map((method) => ({ route: `${method.toLowerCase()} ${path}`, text }));
    });
}

test('every route file is in it, and nothing else', () => {
  const described = API_ROUTES.map(({ method, path }) => `${method} ${path}`);
  expect(described.toSorted()).toEqual(
    routesOfFiles()
      .map(({ route }) => route)
      .toSorted(),
  );
  expect(operations).toHaveLength(API_ROUTES.length);
});

test('what passes the gate is a write, and nothing else is', () => {
  const gated = routesOfFiles().filter(({ route, text }) => !route.startsWith('get ') && text.includes('gated('));
  const writes = API_ROUTES.filter(({ isWrite }) => isWrite).map(({ method, path }) => `${method} ${path}`);
  expect(writes.toSorted()).toEqual(gated.map(({ route }) => route).toSorted());
});

test('what a path names is described, and ids are unique', () => {
  for (const { path, inPath = {} } of API_ROUTES)
    expect([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)).toEqual(Object.keys(inPath));
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
});

test('every write takes a reason and an idempotency key, also each of several kinds of it', () => {
  for (const { path, method, operation } of operations.filter(({ method }) => method !== 'get')) {
    const { isWrite } = API_ROUTES.find((one) => one.path === path && one.method === method) ?? {};
    const schema = operation.requestBody?.content['application/json']?.schema;
    for (const one of schema?.oneOf ?? [schema])
      expect([path, one?.required?.includes('reason') ?? false]).toEqual([path, isWrite ?? false]);
    const headers = (operation.parameters ?? []).filter(({ in: where }) => where === 'header');
    expect(headers.map(({ name }) => name)).toEqual(isWrite ? ['Idempotency-Key'] : []);
  }
});

test('parameters and bodies are told with their types', () => {
  const tasks = document.paths['/api/v1/tasks']?.get;
  expect(tasks?.parameters?.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['q', 'state', 'name', 'from', 'to', 'limit', 'sort', 'after']),
  );
  const state = tasks?.parameters?.find(({ name }) => name === 'state');
  expect(state).toMatchObject({ in: 'query', required: false, explode: true, schema: { type: 'array' } });
  for (const { path, operation } of operations) {
    for (const { name, schema } of operation.parameters ?? [])
      expect([path, name, Object.keys(schema).length > 0]).toEqual([path, name, true]);
  }
  const control = document.paths['/api/v1/workers/{name}/control']?.post;
  const kinds = control?.requestBody?.content['application/json']?.schema.oneOf ?? [];
  expect(kinds.length).toBeGreaterThan(10);
  expect(kinds.every(({ additionalProperties }) => additionalProperties === false)).toBe(true);
});

test('every code by which a command, a token or a permission is refused is somewhere, with its status', () => {
  const told = operations.flatMap(({ operation }) =>
    Object.entries(operation.responses).flatMap(([status, { description }]) =>
      description.split(', ').map((code) => `${status} ${code}`),
    ),
  );
  const codes = Object.entries(ACT_STATUSES).map(([code, status]) => `${status} ${code}`);
  expect(told).toEqual(expect.arrayContaining(codes));
  expect(told).toEqual(expect.arrayContaining(REFUSALS.map((code) => `403 ${code}`)));
  expect(told).toEqual(expect.arrayContaining(TOKEN_FAULTS.map((code) => `401 ${code}`)));
});

test('every answer has a shape, or another type than JSON; the document is plain JSON', () => {
  for (const { path, operation } of operations) {
    const [, ok] = Object.entries(operation.responses).find(([status]) => status.startsWith('2')) ?? [];
    for (const [type, content] of Object.entries(ok?.content ?? {}))
      if (type === 'application/json' && !path.endsWith('/export'))
        expect([path, content]).toMatchObject([path, { schema: {} }]);
    expect(Object.keys(ok?.content ?? {}).length).toBeGreaterThan(0);
  }
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
});
