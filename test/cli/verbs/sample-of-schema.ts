import { parseManifest } from '../../../core/function/manifest';
import { manifestOf } from '../../gateway/api/api-harness';

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly format?: string;
  readonly minimum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** Of several words, one with which a job has ended well. */
const ENDED = ['done', 'succeeded', 'completed', 'drained', 'ready'];
/** Fields whose text is an amount of dollars. */
const MONEY = /^(limit|spent|forecast|dollars|saves|savesPerHour|recorded|charged)$/;

/** A value that a schema of the OpenAPI document allows: every field is there, lists have one item, and no page has a next one. */
export function sampleOf(schema: Schema, components: Readonly<Record<string, Schema>>, name = ''): unknown {
  const again = (inner: Schema, field = name): unknown => sampleOf(inner, components, field);
  if (name === 'next') return null;
  if (schema.$ref !== undefined) {
    const component = schema.$ref.split('/').at(-1) ?? '';
    if (component === 'FunctionManifest') return parseManifest(manifestOf('hello'));
    return again(components[component] ?? {});
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return again(choices.find(({ type }) => type !== 'null') ?? {});
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => again(part))) as object;
  if ('const' in schema) return schema.const;
  if (schema.enum) return ENDED.find((word) => schema.enum?.includes(word)) ?? schema.enum[0];
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.find((each) => each !== 'null');
  switch (type) {
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1);
    case 'boolean':
      return false;
    case 'array':
      return schema.items ? [again(schema.items)] : [];
    case 'object': {
      const { properties = {}, propertyNames, additionalProperties } = schema;
      const keys = (propertyNames?.enum as readonly string[] | undefined) ?? (additionalProperties ? ['word'] : []);
      const rest = typeof additionalProperties === 'object' ? additionalProperties : {};
      return Object.fromEntries([
        ...keys.map((key) => [key, again(rest, key)] as const),
        ...Object.entries(properties).map(([key, inner]) => [key, again(inner, key)] as const),
      ]);
    }
    case 'string':
      if (schema.format === 'date-time') return new Date().toISOString();
      if (schema.format === 'uri') return 'https://hooks.example.com/';
      if (name === 'timeZone') return 'UTC';
      return MONEY.test(name) ? '1.50' : 'hello';
    default:
      return null;
  }
}
