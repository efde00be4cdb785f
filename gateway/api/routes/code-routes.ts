import { z } from 'zod';
import type { Readable } from 'node:stream';
import { PlatformError } from '../../../core/error/platform-error';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, KEYED, tenantQuery } from '../api-schemas';
import { noteChange } from '../audit/change-note';
import { takeInCode } from '../code-intake';

const ARCHIVE_TYPES = ['application/x-tar', 'application/gzip', 'application/x-gzip', 'application/octet-stream'];

const codeSchema = z
  .object({
    digest: z.string(),
    bytes: z.number().int(),
    kind: z.enum(['layer', 'oci']).describe('a folder of code, or an OCI image layout'),
  })
  .meta({ id: 'Code' });
export type CodeView = z.output<typeof codeSchema>;

export async function codeRoutes(parent: ApiApp, context: ApiContext): Promise<void> {
  await parent.register(async (app: ApiApp) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(ARCHIVE_TYPES, (_request, payload, done) => done(null, payload));

    app.post(
      '/v1/code',
      {
        config: { scope: 'deploy' },
        bodyLimit: context.maxCodeBytes,
        schema: {
          operationId: 'uploadCode',
          tags: ['functions'],
          summary: 'Upload a code archive: tar or tar.gz of the code folder, or of an OCI image layout',
          description:
            'The archive is checked while it streams in; of a refused one nothing is kept. Equal archives have one digest.',
          consumes: ARCHIVE_TYPES,
          querystring: tenantQuery,
          response: answers({ 201: codeSchema }, ...KEYED, 413, 415, 507),
        },
      },
      async (request, reply) => {
        const { tenant } = callerOf(request);
        const announced = Number(request.headers['content-length'] ?? 0);
        if (announced > context.maxCodeBytes) {
          throw new PlatformError(
            'payload_too_large',
            `The archive has ${announced} bytes; ${context.maxCodeBytes} are allowed.`,
            {
              hint: 'Leave out what the function does not need, e.g. development dependencies.',
            },
          );
        }
        if (!request.body)
          throw new PlatformError('invalid_archive', 'The body is empty.', { hint: 'Send a tar or tar.gz archive.' });
        const { digest, bytes, kind } = await takeInCode(context, request.body as Readable);
        await context.store.noteCode(tenant, digest);
        noteChange(request, { before: null, after: { digest } });
        return reply.code(201).send({ digest, bytes, kind });
      },
    );
  });
}
