import { Registry } from 'prom-client';
import { markdownTable } from './markdown-table';
import { paperGateway } from './paper-gateway';
import { schemaRows, typeText, type JsonSchema } from './schema-rows';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}
type Content = Readonly<Record<string, { readonly schema?: JsonSchema }>>;
interface Operation {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
interface OpenApi {
  readonly info: { readonly title: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

/** The OpenAPI document of this version, without a platform. */
export async function openApiDocument(): Promise<OpenApi> {
  const app = await paperGateway(new Registry());
  try {
    const origin = await app.listen({ host: '127.0.0.1', port: 0 });
    return (await (await fetch(`${origin}/openapi.json`)).json()) as OpenApi;
  } finally {
    await app.close();
  }
}

/** docs/reference/api.md. */
export async function apiPage(): Promise<string> {
  const { info, tags, paths, components } = await openApiDocument();
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ at: `${method.toUpperCase()} ${path}`, operation })),
  );
  const sections = tags.flatMap(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags?.includes(name));
    return own.length === 0 ? [] : [`## ${name}`, `${description}.`, ...own.map(operationText)];
  });
  const schemas = Object.entries(components.schemas)
    // It has a page of its own.
    .filter(([name]) => name !== 'FunctionManifest')
    .map(([name, schema]) => `### ${name}\n\n${bodyText(schema)}`);
  return [
    `# ${info.title}`,
    info.description,
    'The same as OpenAPI 3.1: `GET /openapi.json`, as a page to try it: `/docs`. Manifests: [function.yaml](manifest.md).',
    ...sections,
    '## Schemas',
    ...schemas,
  ].join('\n\n');
}

function operationText({ at, operation }: { at: string; operation: Operation }): string {
  const { summary, description, parameters = [], requestBody, responses, security } = operation;
  const body = Object.entries(requestBody?.content ?? {}).map(
    ([type, { schema = {} }]) => `Body (\`${type}\`):\n\n${bodyText(schema)}`,
  );
  const answers = Object.entries(responses).map(([status, { content = {} }]) => {
    const schema = Object.values(content)[0]?.schema;
    return Number(status) >= 400 || !schema ? status : `${status} ${answerText(schema)}`;
  });
  return [
    `### \`${at}\``,
    `${summary}.${description === undefined ? '' : ` ${description}`}${security?.length === 0 ? ' Needs no key.' : ''}`,
    ...(parameters.length === 0
      ? []
      : [
          markdownTable(
            ['parameter', 'in', 'type', 'default', ''],
            parameters.map(({ name, in: where, required, description: says = '', schema }) => [
              `\`${name}\``,
              where,
              typeText(schema),
              schema.default === undefined ? (required ? 'needed' : '') : `\`${JSON.stringify(schema.default)}\``,
              says || (schema.description ?? ''),
            ]),
          ),
        ]),
    ...body,
    `Answers: ${answers.join(', ')}.`,
  ].join('\n\n');
}

/** What comes back, with the way to its fields. */
function answerText(schema: JsonSchema): string {
  const { $ref, properties } = schema;
  if ($ref !== undefined) return `[${typeText(schema)}](#${typeText(schema).toLowerCase()})`;
  if (!properties) return typeText(schema);
  const { items, next } = properties;
  if (items?.items && next) return `{ items: list of ${answerText(items.items)}, next }`;
  return `{ ${Object.keys(properties).join(', ')} }`;
}

function bodyText(schema: JsonSchema): string {
  const object = schema.properties ? schema : (schema.anyOf ?? []).find(({ properties }) => properties);
  if (!object) return `${typeText(schema)}${schema.description === undefined ? '' : `: ${schema.description}`}`;
  return markdownTable(
    ['field', 'type', ''],
    schemaRows(object).map(({ path, type, required, fallback, description }) => [
      `\`${path}\`${required ? ' (needed)' : ''}`,
      type,
      [description, fallback === undefined ? '' : `Default: \`${fallback}\``].filter(Boolean).join(' '),
    ]),
  );
}
