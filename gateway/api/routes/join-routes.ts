import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import { nameSchema, TIERS } from '../../../core/function/manifest';
import { wholeNumber } from '../../../core/function/number-schema';
import { nodeNameSchema } from '../../../core/node/node-name';
import { AGENT_ROLE, serverNameOf } from '../../../core/node/certificate-names';
import { hashJoinToken, JOIN_TOKEN_BYTES, newJoinToken } from '../../../core/node/join-token';
import type { ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, tenantQuery } from '../api-schemas';
import { noteChange } from '../audit/change-note';
import { requireOperator } from '../require-operator';

const DAY_SECONDS = 86_400;
const pem = (what: string) => z.string().max(16_384).describe(`PEM: ${what}`);

/** How agents of other machines come by the certificate with which they and the platform know each other. */
export function joinRoutes(app: ApiApp, { store, images, authority, masterKeyId, now }: ApiContext): void {
  app.post(
    '/v1/nodes/join-tokens',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'createJoinToken',
        tags: ['nodes'],
        summary: 'Let one node join, once; for platform operators',
        querystring: tenantQuery,
        body: z
          .strictObject({
            node: nodeNameSchema,
            tier: z.enum(TIERS).default('edge'),
            region: nameSchema.default('local'),
            expiresInSeconds: wholeNumber(60, DAY_SECONDS).default(3_600),
          })
          .meta({ example: { node: 'far-1', tier: 'edge', region: 'us' } }),
        response: answers(
          { 201: z.object({ token: z.string().describe('shown once'), node: z.string(), expiresAt: instant }) },
          ...KEYED,
          409,
        ),
      },
    },
    async (request, reply) => {
      requireOperator(request, 'Nodes are let in');
      const { node, tier, region, expiresInSeconds } = request.body;
      if (await store.findNode(node)) {
        throw new PlatformError('conflict', `There is a node ${node} already.`, {
          hint: `Choose another name, or take it out first: presage node rm ${node}`,
        });
      }
      const { certificatePem } = await authority();
      const { token, hash } = newJoinToken(randomBytes(JOIN_TOKEN_BYTES), certificatePem);
      const expiresAt = new Date(now().getTime() + expiresInSeconds * 1000);
      await store.addJoinToken({ hash, node, tier, region, expiresAt });
      noteChange(request, { before: null, after: { node, tier, region, expiresAt: expiresAt.toISOString() } });
      return reply.code(201).send({ token, node, expiresAt: expiresAt.toISOString() });
    },
  );

  app.post(
    '/nodes/join',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'joinNode',
        tags: ['nodes'],
        summary: 'A certificate for the node that a join token names; the token is used up',
        security: [],
        body: z.strictObject({ token: z.string().max(200), request: pem('certificate request, PKCS #10') }),
        response: answers(
          {
            200: z.object({
              node: z.string(),
              tier: z.enum(TIERS),
              region: z.string(),
              certificate: pem('of the node'),
              authority: pem('of the platform’s own authority'),
              masterKeyId: z.string().describe('names the platform’s master key, and tells nothing of it'),
              blob: z.string().describe('digest of a blob in the image store: whoever finds it has the same store'),
            }),
          },
          403,
          503,
        ),
      },
    },
    async (request) => {
      const own = await authority();
      // A request that is no good must not use the token up.
      own.sign(request.body.request, { commonName: 'nobody', role: 'none' });
      const taken = await store.takeJoinToken(hashJoinToken(request.body.token));
      if (!taken) {
        throw new PlatformError('forbidden', 'The join token is unknown, used or past its time.', {
          hint: 'Ask an operator for another: presage node join-token NAME',
        });
      }
      const { node, tier, region } = taken;
      const owner = { commonName: node, role: AGENT_ROLE, serverName: serverNameOf(node) };
      const certificate = own.sign(request.body.request, owner);
      await store.writeEvents([
        { at: now(), tenant: null, type: 'node.certified', function: null, node, data: { tier, region } },
      ]);
      const { digest: blob } = await images.put(Readable.from([Buffer.from(own.certificatePem)]));
      return { node, tier, region, certificate, authority: own.certificatePem, masterKeyId, blob };
    },
  );
}
