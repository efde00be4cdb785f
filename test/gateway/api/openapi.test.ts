import { z } from 'zod';
import { manifestSchema } from '../../../core/function/manifest';
import { makeHarness, type Harness } from './api-harness';

interface Operation {
  operationId?: string;
  tags?: string[];
  summary?: string;
  security?: object[];
  parameters?: { name: string; in: string }[];
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
  tags: { name: string }[];
}

let api: Harness;
let document: Document;
beforeAll(async () => {
  api = await makeHarness();
  document = (await api.call('GET', '/openapi.json', { key: null })).body as unknown as Document;
});
afterAll(() => api.close());

const operations = (): [string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );

test('the document lists every route of the API', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(operations().map(([name]) => name).sort()).toEqual(ROUTES); // prettier-ignore
});

test('every operation has a name of its own, a known tag, a summary and answers', () => {
  const ids = operations().map(([, operation]) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = new Set(document.tags.map(({ name }) => name));
  for (const [name, operation] of operations()) {
    expect([name, operation.operationId, operation.summary]).toEqual([name, expect.any(String), expect.any(String)]);
    for (const tag of operation.tags ?? []) expect(tags).toContain(tag);
    const statuses = Object.keys(operation.responses);
    expect([name, statuses.filter((status) => status.startsWith('2')).length > 0]).toEqual([name, true]);
    for (const status of statuses.filter((code) => Number(code) >= 400)) {
      expect(Object.keys(operation.responses[status]?.content ?? {})).toEqual(['application/problem+json']);
    }
    if (name.includes(' /v1/') && !name.includes('/schemas/')) {
      expect(statuses).toEqual(expect.arrayContaining(['400', '401', '403', '500', '503']));
      expect(operation.parameters?.map((parameter) => parameter.name)).toContain('tenant');
    }
    for (const [, placeholder] of name.matchAll(/\{(\w+)\}/g)) {
      expect(operation.parameters).toContainEqual(expect.objectContaining({ name: placeholder, in: 'path' }));
    }
  }
});

test('every reference leads somewhere', () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '');
  expect(new Set(refs)).toContain('#/components/schemas/FunctionManifest');
  expect(new Set(refs)).toContain('#/components/schemas/Problem');
  for (const ref of refs) {
    const target = ref.split('/').slice(1).reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document); // prettier-ignore
    expect([ref, typeof target]).toEqual([ref, 'object']);
  }
});

test('every component is JSON Schema that can be read, references included', () => {
  const text = JSON.stringify(document.components.schemas).replaceAll('#/components/schemas/', '#/$defs/');
  expect(text).not.toContain('"$schema"');
  const $defs = JSON.parse(text) as Record<string, z.core.JSONSchema.JSONSchema>;
  const read = (name: string) => z.fromJSONSchema({ $ref: `#/$defs/${name}`, $defs });
  for (const name of Object.keys($defs)) expect(() => read(name)).not.toThrow();
  expect(read('ApiKey').safeParse({ id: 1 }).success).toBe(false);
  expect(read('Check').safeParse({ name: 'store', ok: true, required: false, detail: 'answers' }).success).toBe(true);
});

test('the page for it needs nothing from elsewhere', async () => {
  const page = await api.call('GET', '/docs', { key: null });
  expect(page.status).toBe(200);
  expect(page.headers['content-type']).toContain('text/html');
  expect(page.text).not.toMatch(/(src|href)="(https?:)?\/\//);
  const scripts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(scripts.length).toBeGreaterThan(3);
  for (const path of scripts) {
    expect([
      path,
      (await api.call('GET', new URL(path, `${api.origin}/docs/`).pathname, { key: null })).status,
    ]).toEqual([path, 200]);
  }
});

test('function.yaml has a JSON Schema that takes what the manifest takes', async () => {
  const answer = await api.call('GET', '/v1/schemas/function.json', { key: null });
  expect(answer.headers['content-type']).toContain('application/schema+json');
  const schema = answer.body as unknown as {
    $schema: string;
    required: string[];
    properties: { spec: { required: string[] } };
  };
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  expect(schema.required).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
  expect(schema.properties.spec.required).toEqual(['runtime']);
  const manifest = {
    apiVersion: 'presage.dev/v1',
    kind: 'Function',
    metadata: { name: 'hello' },
    spec: { runtime: 'nodejs', handler: 'index.handler', scale: { max: 3 } },
  };
  const fromSchema = z.fromJSONSchema(schema as unknown as Parameters<typeof z.fromJSONSchema>[0]);
  for (const value of [
    manifest,
    { ...manifest, kind: 'Fun' },
    { ...manifest, spec: { ...manifest.spec, colour: 1 } },
  ]) {
    expect(fromSchema.safeParse(value).success).toBe(manifestSchema.safeParse(value).success);
  }
});

const ROUTES = [
  'DELETE /v1/budgets/{name}',
  'DELETE /v1/functions/{name}',
  'DELETE /v1/functions/{name}/aliases/{alias}',
  'DELETE /v1/functions/{name}/history',
  'DELETE /v1/keys/{id}',
  'DELETE /v1/keys/{id}/limits',
  'DELETE /v1/nodes/{name}',
  'DELETE /v1/secrets/{name}',
  'DELETE /v1/tenants/{tenant}/limits',
  'GET /livez',
  'GET /metrics',
  'GET /openapi.json',
  'GET /readyz',
  'GET /v1/async',
  'GET /v1/async/{id}',
  'GET /v1/async/{id}/result',
  'GET /v1/audit',
  'GET /v1/budgets',
  'GET /v1/budgets/{name}',
  'GET /v1/budgets/{name}/alerts',
  'GET /v1/budgets/{name}/forecast',
  'GET /v1/checkpoints',
  'GET /v1/cost/ledger',
  'GET /v1/cost/ledger/checks/{id}',
  'GET /v1/cost/prices',
  'GET /v1/cost/recommendations',
  'GET /v1/cost/recommendations/{id}',
  'GET /v1/cost/searches/{id}',
  'GET /v1/cost/statement',
  'GET /v1/deployments',
  'GET /v1/deployments/{id}',
  'GET /v1/doctor',
  'GET /v1/events',
  'GET /v1/functions',
  'GET /v1/functions/{name}',
  'GET /v1/functions/{name}/aliases',
  'GET /v1/functions/{name}/aliases/{alias}',
  'GET /v1/functions/{name}/counts',
  'GET /v1/functions/{name}/forecast',
  'GET /v1/functions/{name}/forecast/accuracy',
  'GET /v1/functions/{name}/forecast/models',
  'GET /v1/functions/{name}/history',
  'GET /v1/functions/{name}/logs',
  'GET /v1/functions/{name}/placement',
  'GET /v1/functions/{name}/revisions',
  'GET /v1/functions/{name}/revisions/{number}',
  'GET /v1/functions/{name}/triggers',
  'GET /v1/functions/{name}/warmth',
  'GET /v1/instances',
  'GET /v1/invocations',
  'GET /v1/invocations/{id}',
  'GET /v1/invocations/{id}/cost',
  'GET /v1/invocations/{id}/explanation',
  'GET /v1/invocations/{id}/logs',
  'GET /v1/keys',
  'GET /v1/keys/{id}/limits',
  'GET /v1/migrations',
  'GET /v1/migrations/{id}',
  'GET /v1/nodes',
  'GET /v1/nodes/{name}',
  'GET /v1/overview',
  'GET /v1/placement',
  'GET /v1/placement/plans',
  'GET /v1/placement/plans/{id}',
  'GET /v1/placements',
  'GET /v1/schemas/function.json',
  'GET /v1/secrets',
  'GET /v1/status',
  'GET /v1/tenants',
  'GET /v1/tenants/{tenant}/limits',
  'GET /v1/traffic-map',
  'GET /v1/warming',
  'GET /v1/warming/court',
  'GET /v1/warming/court/{id}',
  'GET /v1/whoami',
  'GET /v1/workflows',
  'GET /version',
  'POST /hooks/{tenant}/{function}/{trigger}/{token}',
  'POST /nodes/join',
  'POST /v1/async/{id}/cancel',
  'POST /v1/async/{id}/redrive',
  'POST /v1/code',
  'POST /v1/cost/ledger/checks',
  'POST /v1/cost/recommendations',
  'POST /v1/cost/recommendations/{id}/apply',
  'POST /v1/cost/recommendations/{id}/revert',
  'POST /v1/forecast/retrain',
  'POST /v1/functions/{name}/checkpoints',
  'POST /v1/functions/{name}/forecast/models/{id}/deploy',
  'POST /v1/functions/{name}/rollback',
  'POST /v1/keys',
  'POST /v1/keys/{id}/rotate',
  'POST /v1/migrations',
  'POST /v1/migrations/{id}/abort',
  'POST /v1/migrations/{id}/approve',
  'POST /v1/nodes/join-tokens',
  'POST /v1/nodes/{name}/cordon',
  'POST /v1/nodes/{name}/drain',
  'POST /v1/nodes/{name}/uncordon',
  'POST /v1/placement/plan',
  'POST /v1/secrets/rewrap',
  'POST /v1/tenants',
  'POST /v1/warming/court',
  'PUT /v1/budgets/{name}',
  'PUT /v1/functions/{name}',
  'PUT /v1/functions/{name}/aliases/{alias}',
  'PUT /v1/history',
  'PUT /v1/keys/{id}/limits',
  'PUT /v1/secrets/{name}',
  'PUT /v1/tenants/{tenant}/limits',
  'PUT /v1/warming',
];
