import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { budgetSpecSchema } from '../../core/budget/budget-spec';
import { manifestSchema } from '../../core/function/manifest';
import type { ApiContext } from './api-context';

/** JSON Schema of `function.yaml` as people write it: what has a default may be left out. */
export function functionJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = manifestJsonSchema();
  return { $schema, $id: '/v1/schemas/function.json', title: 'Presage function', ...schema };
}

function manifestJsonSchema() {
  return z.toJSONSchema(manifestSchema, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
  });
}

/** Of a budget as people write it, with an example. */
function budgetJsonSchema(): Record<string, unknown> {
  const schema: Record<string, unknown> = {
    title: 'Budget',
    ...z.toJSONSchema(budgetSpecSchema, { io: 'input', unrepresentable: 'any', reused: 'inline' }),
    example: { limit: '250.00', period: 'monthly', timeZone: 'Europe/Berlin', alertAt: [50, 90, 100] },
  };
  delete schema['$schema'];
  return schema;
}

/** Collects the routes that are registered after it into an OpenAPI 3.1 document, and serves a page for it at /docs. */
export async function registerOpenApi(app: FastifyInstance, context: ApiContext): Promise<void> {
  const manifest: Record<string, unknown> = { title: 'Presage function', ...manifestJsonSchema() };
  // The document as a whole names the dialect.
  delete manifest['$schema'];
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Presage control API',
        version: context.version.version,
        description: [
          'Functions, revisions, aliases, deployments and what happened to them. Functions themselves are called at `/fn/{tenant}/{function}/`.',
          'Every failure is `application/problem+json` with a `code`. Lists answer `{items, next}`; `next` goes into `?cursor=`.',
          'A key, or a token of a configured issuer, acts for its own tenant. A token’s roles are scopes: viewer (read), invoker (invoke), deployer (deploy, read, invoke), admin. Admin keys of the tenant `default` belong to the operator of the platform: they may name another tenant by `?tenant=`.',
        ].join('\n\n'),
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: TAGS.map(([name, description]) => ({ name, description })),
      security: [{ bearer: [] }, { apiKey: [] }],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description:
              'Authorization: Bearer psk_…, or a signed token (JWT) of an issuer that the platform is configured to take',
          },
          apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        },
        schemas: { FunctionManifest: manifest, BudgetSpec: budgetJsonSchema() },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', persistAuthorization: false },
  });
}

const TAGS = [
  ['functions', 'Deployables and their revisions'],
  ['aliases', 'Names that point at revisions, and rollback'],
  ['deployments', 'Revisions on their way into service'],
  ['checkpoints', 'Images that instances are restored from'],
  ['invocations', 'What was called, how it started, what it cost'],
  ['cost', 'What things cost, and what invocations did'],
  ['async', 'Invocations that nobody waits for, and what triggers them'],
  ['forecast', 'What is expected of functions, by which models, and how right it was'],
  ['warmth', 'What is held warm, and why'],
  ['instances', 'Running sandboxes'],
  ['migrations', 'Where functions run, and their moves between nodes'],
  ['logs', 'What functions wrote'],
  ['events', 'What the platform did'],
  ['secrets', 'Sealed values for functions'],
  ['limits', 'How much and how often tenants and keys may'],
  ['budgets', 'What functions may cost, and what happens when it runs out'],
  ['keys', 'API keys'],
  ['audit', 'Who changed what'],
  ['tenants', 'Owners of functions'],
  ['warming', 'Which policy keeps functions warm, and what others had cost'],
  ['workflows', 'Durable work under way, and what starts by itself'],
  ['nodes', 'Machines, and which of them take work'],
  ['health', 'Probes, metrics, documents'],
] as const;
