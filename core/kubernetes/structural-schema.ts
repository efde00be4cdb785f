import { z } from 'zod';

/** A schema as `apiextensions.k8s.io/v1` takes it: OpenAPI 3.0 in its structural form. */
export interface StructuralSchema {
  [key: string]: unknown;
  type?: string;
  properties?: Record<string, StructuralSchema>;
  items?: StructuralSchema;
  additionalProperties?: StructuralSchema;
  'x-kubernetes-validations'?: readonly CelRule[];
}

/** What a schema alone cannot say, in Kubernetes' expression language. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
}

type JsonSchema = Record<string, unknown>;

/** Words that mean the same in both dialects. */
const KEPT = [
  'description', 'default', 'enum', 'pattern', 'minLength', 'maxLength', 'minItems', 'maxItems',
  'minimum', 'maximum', 'multipleOf', 'required',
] as const; // prettier-ignore

/** Words that a structural schema has no place for, and that are said otherwise or by the controller. */
const LEFT_OUT = new Set(['$schema', 'propertyNames', 'format']);

/**
 * The structural schema of what `schema` takes in, defaults left out. It says less than zod where Kubernetes has no words for
 * it: names of entries of a map, and refinements; those come as rules, or are told by the controller. Unknown fields are no part
 * of it either: the API server prunes them, or refuses them where the client asks for strictness, as kubectl does.
 * @throws Error for a word of JSON Schema that this does not know: then it must be taught, not left out
 */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
    override: ({ zodSchema, jsonSchema }) => {
      // What is made text of is taken as it comes: `DEBUG: 1` and `cpu: 0.5` are what people write.
      const { def } = zodSchema._zod;
      if (def.type === 'string' && 'coerce' in def && def.coerce === true) delete jsonSchema.type;
    },
  });
  return converted(made, '(root)');
}

function converted(schema: JsonSchema, path: string): StructuralSchema {
  const alternatives = schema['anyOf'] as readonly JsonSchema[] | undefined;
  if (alternatives) return textOrInteger(schema, alternatives, path);
  const result: StructuralSchema = {};
  for (const [word, value] of Object.entries(schema)) {
    if ((KEPT as readonly string[]).includes(word)) result[word] = value;
    else if (word === 'type' && typeof value === 'string') result.type = value;
    else if (word === 'const') result['enum'] = [value];
    else if (word === 'exclusiveMinimum') Object.assign(result, { minimum: value, exclusiveMinimum: true });
    else if (word === 'exclusiveMaximum') Object.assign(result, { maximum: value, exclusiveMaximum: true });
    else if (word === 'items') result.items = converted(value as JsonSchema, `${path}[]`);
    else if (word === 'properties') result.properties = mapped(value as Record<string, JsonSchema>, path);
    else if (word === 'additionalProperties') {
      if (value !== false) result.additionalProperties = converted(value as JsonSchema, `${path}.*`);
    } else if (!LEFT_OUT.has(word)) throw new Error(`${path}: structural schemas have no "${word}"`);
  }
  // Rules see a default as it stands here, before those of its own fields are filled in.
  if (result.properties && result['default'] !== undefined) {
    result['default'] = withDefaults(result['default'] as Record<string, unknown>, result.properties);
  }
  if (result.type === undefined) result['x-kubernetes-preserve-unknown-fields'] = true;
  else if (result.type === 'integer') result['format'] = 'int64';
  return result;
}

function mapped(properties: Record<string, JsonSchema>, path: string): Record<string, StructuralSchema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, converted(schema, `${path}.${name}`)]),
  );
}

function withDefaults(
  value: Record<string, unknown>,
  properties: Readonly<Record<string, StructuralSchema>>,
): Record<string, unknown> {
  const own = Object.entries(properties).filter(([, schema]) => schema['default'] !== undefined);
  return { ...Object.fromEntries(own.map(([name, schema]) => [name, schema['default']])), ...value };
}

/** The one choice of types that Kubernetes knows. */
function textOrInteger(schema: JsonSchema, alternatives: readonly JsonSchema[], path: string): StructuralSchema {
  const text = alternatives.find(({ type }) => type === 'string');
  const integer = alternatives.find(({ type }) => type === 'integer');
  if (!text || !integer || alternatives.length !== 2)
    throw new Error(`${path}: only text or integer can be chosen from`);
  const merged: JsonSchema = { ...schema, ...text, ...integer };
  delete merged['anyOf'];
  delete merged['type'];
  const limits = converted(merged, path);
  delete limits['x-kubernetes-preserve-unknown-fields'];
  return { ...limits, 'x-kubernetes-int-or-string': true };
}

/** The schema at a path such as `spec.triggers[]` or `spec.env.*`. @throws Error when there is none */
export function schemaAt(root: StructuralSchema, path: string): StructuralSchema {
  let current = root;
  for (const step of path.split('.').flatMap((part) => (part.endsWith('[]') ? [part.slice(0, -2), '[]'] : [part]))) {
    const next =
      step === '[]' ? current.items : step === '*' ? current.additionalProperties : current.properties?.[step];
    if (!next) throw new Error(`${path}: the schema has no ${step}`);
    current = next;
  }
  return current;
}
