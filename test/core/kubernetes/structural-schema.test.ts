import { z } from 'zod';
import { customResourceDefinitions } from '../../../core/kubernetes/custom-resources';
import { schemaAt, structuralSchema, type StructuralSchema } from '../../../core/kubernetes/structural-schema';

test('what both dialects know is kept, and what they say differently is translated', () => {
  const schema = z.strictObject({
    name: z.string().regex(/^a+$/).describe('a name'),
    kind: z.literal('x'),
    share: z.number().gt(0).lt(1).optional(),
    count: z.int().min(1).max(9).default(3),
    list: z.array(z.enum(['a', 'b'])).min(1),
    map: z.record(z.string().regex(/^k/), z.string()).default({}),
  });
  expect(structuralSchema(schema)).toEqual({
    type: 'object',
    properties: {
      name: { type: 'string', pattern: '^a+$', description: 'a name' },
      kind: { type: 'string', enum: ['x'] },
      share: { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true },
      count: { type: 'integer', format: 'int64', minimum: 1, maximum: 9, default: 3 },
      list: { type: 'array', minItems: 1, items: { type: 'string', enum: ['a', 'b'] } },
      map: { type: 'object', default: {}, additionalProperties: { type: 'string' } },
    },
    required: ['name', 'kind', 'list'],
  });
});

test('what is made text of may come as anything; a choice of text and integer is one that Kubernetes knows', () => {
  const schema = z.strictObject({
    cpu: z.coerce.string().meta({ pattern: '^\\d+$' }).default('1'),
    port: z.union([z.string().regex(/^x/), z.int().min(1).max(5)]).optional(),
  });
  expect(structuralSchema(schema).properties).toEqual({
    cpu: { 'x-kubernetes-preserve-unknown-fields': true, pattern: '^\\d+$', default: '1' },
    port: { 'x-kubernetes-int-or-string': true, pattern: '^x', minimum: 1, maximum: 5 },
  });
});

test('the default of an object holds those of its fields, because rules see it before they are filled in', () => {
  const schema = z.strictObject({
    scale: z.strictObject({ min: z.int().default(0), max: z.int().default(2) }).prefault({ max: 5 }),
  });
  expect(schemaAt(structuralSchema(schema), 'scale')['default']).toEqual({ min: 0, max: 5 });
});

test('a word that has no translation is told with its place', () => {
  expect(() => structuralSchema(z.strictObject({ a: z.array(z.tuple([z.string()])) }))).toThrow(
    /a\[\]: structural schemas have no/,
  );
  expect(() => structuralSchema(z.strictObject({ a: z.union([z.boolean(), z.string()]) }))).toThrow(
    /structural schemas have no "type"|only text or integer/,
  );
  expect(() => schemaAt(structuralSchema(z.strictObject({})), 'spec.none')).toThrow('spec.none');
});

/** What the API server refuses of any schema (structural, and no words that it does not take). */
function walk(schema: StructuralSchema, path: string): void {
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true || schema['x-kubernetes-int-or-string'] === true;
  expect([path, open || typeof schema.type === 'string']).toEqual([path, true]);
  expect([path, schema.properties !== undefined && schema.additionalProperties !== undefined]).toEqual([path, false]);
  for (const word of ['$ref', 'const', 'oneOf', 'anyOf', 'allOf', 'propertyNames', '$schema']) {
    expect([path, word in schema]).toEqual([path, false]);
  }
  for (const [name, inner] of Object.entries(schema.properties ?? {})) walk(inner, `${path}.${name}`);
  if (schema.items) walk(schema.items, `${path}[]`);
  if (schema.additionalProperties) walk(schema.additionalProperties, `${path}.*`);
}

interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: StructuralSchema } }[] };
}

test('the schemas of our kinds are structural throughout', () => {
  const definitions = customResourceDefinitions() as unknown as readonly Definition[];
  expect(definitions.map(({ metadata }) => metadata.name)).toEqual([
    'functions.presage.dev',
    'budgets.presage.dev',
    'placementpolicies.presage.dev',
  ]);
  for (const { metadata, spec } of definitions) walk(spec.versions[0]?.schema.openAPIV3Schema ?? {}, metadata.name);
});
