/** The part of JSON Schema that zod writes and the reference reads. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly format?: string;
}

/** One field of an object, wherever it lies in it. */
export interface SchemaRow {
  /** `a.b`, `list[].c`, `map.*.d`. */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  /** As JSON; undefined: there is none. */
  readonly fallback: string | undefined;
  readonly description: string;
}

/** Every field of a schema, the outer ones before their parts. */
export function schemaRows(schema: JsonSchema): readonly SchemaRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    fieldRows(name, field, schema.required?.includes(name) ?? false),
  );
}

function fieldRows(path: string, field: JsonSchema, required: boolean): SchemaRow[] {
  const parts = partsOf(path, field);
  const row: SchemaRow = {
    path,
    type: typeText(field),
    required: required && field.default === undefined,
    fallback: fallbackOf(field),
    description: field.description ?? '',
  };
  // A group of fields says itself by what is in it.
  const silent = parts.length > 0 && field.properties && row.description === '' && row.fallback === undefined;
  return silent && !row.required ? parts : [row, ...parts];
}

function partsOf(path: string, field: JsonSchema): SchemaRow[] {
  if (field.properties) {
    return Object.entries(field.properties).flatMap(([name, part]) =>
      fieldRows(`${path}.${name}`, part, field.required?.includes(name) ?? false),
    );
  }
  if (field.items) return partsOf(`${path}[]`, field.items);
  if (typeof field.additionalProperties === 'object') return partsOf(`${path}.*`, field.additionalProperties);
  const choices = (field.anyOf ?? field.oneOf ?? []).filter((choice) => choice.type !== 'null');
  return choices.length === 1 && choices[0] ? partsOf(path, choices[0]) : [];
}

/** An object's default is that of its fields. */
function fallbackOf({ default: value, properties }: JsonSchema): string | undefined {
  if (value === undefined || (properties && JSON.stringify(value) === '{}')) return undefined;
  return JSON.stringify(value);
}

/** What a value may be, in a few words. */
export function typeText(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? 'any';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map(typeText))].join(' or ');
  if (schema.allOf) return [...new Set(schema.allOf.map(typeText))].join(' and ');
  if (schema.type === 'array') return `list of ${schema.items ? typeText(schema.items) : 'any'}`;
  if (schema.type === 'object') {
    return typeof schema.additionalProperties === 'object' && !schema.properties
      ? `map of ${typeText(schema.additionalProperties)}`
      : 'object';
  }
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['any']);
  return `${types.join(' or ')}${schema.format === undefined ? '' : ` (${schema.format})`}${rangeOf(schema)}`;
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const least = minimum ?? exclusiveMinimum;
  const most = maximum ?? exclusiveMaximum;
  const bounds = [
    ...(least === undefined || least <= -Number.MAX_SAFE_INTEGER
      ? []
      : [`${exclusiveMinimum === undefined ? 'from' : 'above'} ${least}`]),
    ...(most === undefined || most >= Number.MAX_SAFE_INTEGER
      ? []
      : [`${exclusiveMaximum === undefined ? 'to' : 'below'} ${most}`]),
  ];
  return bounds.length === 0 ? '' : ` ${bounds.join(' ')}`;
}
