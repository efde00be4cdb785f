import { z } from 'zod';
import type { ApiApp } from '../api-app';
import { answers } from '../api-schemas';
import { functionJsonSchema } from '../openapi';

const none = z.strictObject({});

export function schemaRoutes(app: ApiApp): void {
  app.get(
    '/openapi.json',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'openapi',
        tags: ['health'],
        summary: 'This API as an OpenAPI 3.1 document',
        security: [],
        querystring: none,
        response: answers({ 200: z.record(z.string(), z.unknown()) }),
      },
    },
    async () => ({ ...app.swagger() }),
  );

  app.get(
    '/v1/schemas/function.json',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'functionSchema',
        tags: ['functions'],
        summary: 'JSON Schema of function.yaml, for editors',
        security: [],
        querystring: none,
        response: answers({
          200: {
            description: 'JSON Schema',
            content: { 'application/schema+json': { schema: z.record(z.string(), z.unknown()) } },
          },
        }),
      },
    },
    async (_request, reply) => reply.header('content-type', 'application/schema+json').send(functionJsonSchema()),
  );
}
