/** One operation of an OpenAPI document, with what a caller needs to know of it. */
export interface Operation {
  readonly method: string;
  readonly template: string;
  readonly pathParameters: readonly string[];
  readonly needsCredentials: boolean;
  readonly streams: boolean;
  /** A body that its schema takes; undefined where it takes none, or no JSON. */
  readonly body: unknown;
}

type Schema = Readonly<Record<string, unknown>>;
interface Document {
  readonly paths: Record<string, Record<string, RawOperation>>;
  readonly components: { readonly schemas: Record<string, Schema> };
}
interface RawOperation {
  readonly security?: readonly unknown[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content?: Record<string, { readonly schema?: Schema }> };
  readonly responses: Record<string, { readonly content?: Record<string, unknown> }>;
}

/** Every operation of the document. `manifest` stands for a whole function manifest, whose rules no schema tells. */
export function operationsOf(document: unknown, manifest: object): Operation[] {
  const { paths, components } = document as Document;
  return Object.entries(paths).flatMap(([template, operations]) =>
    Object.entries(operations).map(([verb, raw]): Operation => {
      const schema = raw.requestBody?.content?.['application/json']?.schema;
      return {
        method: verb.toUpperCase(),
        template,
        pathParameters: (raw.parameters ?? []).filter((item) => item.in === 'path').map(({ name }) => name),
        needsCredentials: raw.security === undefined || raw.security.length > 0,
        streams: raw.responses['200']?.content?.['text/event-stream'] !== undefined,
        body: schema && sampleOf(schema, components.schemas, manifest),
      };
    }),
  );
}

/** The smallest value that a schema takes. */
function sampleOf(schema: Schema, components: Record<string, Schema>, manifest: object): unknown {
  const deeper = (inner: unknown): unknown => sampleOf(inner as Schema, components, manifest);
  const { $ref, example, anyOf, oneOf, type, items, properties, required } = schema as {
    $ref?: string;
    example?: unknown;
    anyOf?: Schema[];
    oneOf?: Schema[];
    type?: string;
    items?: Schema;
    properties?: Record<string, Schema>;
    required?: string[];
  };
  if ($ref?.endsWith('/FunctionManifest')) return manifest;
  if ($ref) return deeper(components[$ref.split('/').at(-1) ?? '']);
  if (example !== undefined) return example;
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  const [choice] = anyOf ?? oneOf ?? [];
  if (choice) return deeper(choice);
  if (type === 'array') return [deeper(items ?? {})];
  if (type === 'integer' || type === 'number') return schema['minimum'] ?? 1;
  if (type === 'boolean') return false;
  if (type === 'object') {
    return Object.fromEntries((required ?? []).map((name) => [name, deeper(properties?.[name] ?? {})]));
  }
  return schema['format'] === 'date-time' ? '2030-01-01T00:00:00.000Z' : 'x1';
}
