import { z } from 'zod';
import { nameSchema } from '../../../core/function/manifest';
import { nodeNameSchema } from '../../../core/node/node-name';
import { START_KINDS } from '../../../core/start/start';
import type { InstanceRecord } from '../../../drivers/store/store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, listQuery, pageSchema } from '../api-schemas';
import { descending, pageOf } from '../page-cursor';

const instanceSchema = z
  .object({
    id: z.string(),
    function: z.string(),
    revision: z.number().int(),
    node: z.string(),
    state: z.string(),
    kind: z.enum(START_KINDS),
    startedAt: instant,
    endedAt: instant.nullable(),
    reason: z.string().nullable().describe('why it ended'),
  })
  .meta({ id: 'Instance' });
export type InstanceView = z.output<typeof instanceSchema>;

function instanceView(record: InstanceRecord): InstanceView {
  const { id, function: name, revision, node, state, kind, reason } = record;
  const endedAt = record.endedAt?.toISOString() ?? null;
  return {
    id,
    function: name,
    revision,
    node,
    state,
    kind,
    startedAt: record.startedAt.toISOString(),
    endedAt,
    reason,
  };
}

export function instancesRoutes(app: ApiApp, { store }: ApiContext): void {
  app.get(
    '/v1/instances',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listInstances',
        tags: ['instances'],
        summary: 'Instances, newest first',
        querystring: listQuery.extend({
          function: nameSchema.optional(),
          node: nodeNameSchema.optional(),
          live: z.stringbool().optional().describe('true: not ended; false: ended; default: both'),
        }),
        response: answers({ 200: pageSchema(instanceSchema) }, ...KEYED),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const { function: name, node, live, limit, cursor } = request.query;
      const found = await store.instances({
        tenant,
        ...(name === undefined ? {} : { function: name }),
        ...(node === undefined ? {} : { node }),
        ...(live === undefined ? {} : { live }),
      });
      const order = {
        keyOf: (instance: InstanceRecord) => `${instance.startedAt.toISOString()} ${instance.id}`,
        compare: descending,
      };
      return pageOf('instances', { limit, cursor }, found, order, instanceView);
    },
  );
}
