import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import { nodeNameSchema } from '../../../core/node/node-name';
import type { NodeIntent } from '../../../core/node/node-state';
import { retireNode } from '../../../drivers/store/retire-node';
import { traceparentOf } from '../../tracing/api-traces';
import type { ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { noteChange } from '../audit/change-note';
import { ascending, pageOf } from '../page-cursor';
import { requireOperator } from '../require-operator';
import { nodeSchema, nodeView, unheardView, type NodeView } from './node-view';

const params = z.strictObject({ name: nodeNameSchema });
const why = z
  .strictObject({ reason: z.string().max(200).optional().describe('for people') })
  .nullish()
  .meta({ example: { reason: 'new kernel' } });
const WHAT = 'Nodes are managed';

/** The machines of the platform: who is there, and which of them take work. */
export function nodesRoutes(app: ApiApp, context: ApiContext): void {
  const { store, workflows, now } = context;

  app.get(
    '/v1/nodes',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'listNodes',
        tags: ['nodes'],
        summary: 'All nodes with their region, state and capacity; for platform operators',
        querystring: listQuery,
        response: answers({ 200: pageSchema(nodeSchema) }, ...KEYED),
      },
    },
    async (request) => {
      requireOperator(request, WHAT);
      return pageOf('nodes', request.query, await allNodes(), { keyOf: ({ name }) => name, compare: ascending }, same);
    },
  );

  app.get(
    '/v1/nodes/:name',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'getNode',
        tags: ['nodes'],
        summary: 'One node; for platform operators',
        params,
        querystring: tenantQuery,
        response: answers({ 200: nodeSchema }, ...KEYED, 404),
      },
    },
    async (request) => {
      requireOperator(request, WHAT);
      return findNode(request.params.name);
    },
  );

  change('cordon', 'cordoned', ['ready', 'cordoned'], 'cordonNode', 'Give the node no new work; what runs there stays');
  change(
    'uncordon',
    'ready',
    ['ready', 'cordoned', 'draining', 'drained'],
    'uncordonNode',
    'Give the node work again; ends a drain where it is',
  );

  app.post(
    '/v1/nodes/:name/drain',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'drainNode',
        tags: ['nodes'],
        summary: 'Move every function away, then end what is left; a workflow does it',
        params,
        querystring: tenantQuery,
        body: why,
        response: answers({ 202: z.object({ node: nodeSchema, workflowId: z.string() }) }, ...KEYED, 404, 412),
      },
    },
    async (request, reply) => {
      requireOperator(request, WHAT);
      const { name } = request.params;
      const before = await findNode(name);
      if (before.state === 'lost') {
        throw new PlatformError('precondition_failed', `Node ${name} is lost: nobody is there who could be drained`, {
          hint: `Its functions are moved by themselves. presage node rm ${name} takes it out.`,
        });
      }
      const { workflowId } = await workflows
        .within(traceparentOf(request))
        .startDrain({ node: name, why: request.body?.reason });
      const node = await findNode(name);
      noteChange(request, { before, after: { ...node, decided: 'draining' } });
      return reply.code(202).send({ node, workflowId });
    },
  );

  app.delete(
    '/v1/nodes/:name',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'removeNode',
        tags: ['nodes'],
        summary: 'Take a node out that is drained or lost',
        params,
        querystring: tenantQuery,
        response: answers({ 204: z.null() }, ...KEYED, 404, 412),
      },
    },
    async (request, reply) => {
      requireOperator(request, WHAT);
      const { name } = request.params;
      const before = await findNode(name);
      if (!(await retireNode(store, name, now()))) throw unknownNode(name);
      noteChange(request, { before, after: null });
      return reply.code(204).send(null);
    },
  );

  function change(
    word: 'cordon' | 'uncordon',
    to: NodeIntent,
    onlyIf: NodeIntent[],
    operationId: string,
    summary: string,
  ): void {
    // prettier-ignore
    app.post(
      `/v1/nodes/:name/${word}`,
      {
        config: { scope: 'admin' },
        schema: {
          operationId,
          tags: ['nodes'],
          summary,
          params,
          querystring: tenantQuery,
          body: why,
          response: answers({ 200: nodeSchema }, ...KEYED, 404, 412),
        },
      },
      async (request) => {
        requireOperator(request, WHAT);
        const { name } = request.params;
        const before = await findNode(name);
        const reason = request.body?.reason ?? null;
        const after = nodeView(await store.setNodeState(name, to, { reason, onlyIf }));
        if (before.decided !== to) await tell(`node.${word}ed`, name, { reason, before: before.decided });
        noteChange(request, { before, after });
        return after;
      },
    );
  }

  async function allNodes(): Promise<NodeView[]> {
    const heard = (await store.nodes()).map(nodeView);
    const unheard = context.nodes().filter(({ name }) => !heard.some((node) => node.name === name));
    return [...heard, ...unheard.map(unheardView)];
  }

  async function findNode(name: string): Promise<NodeView> {
    const record = await store.findNode(name);
    if (record) return nodeView(record);
    const unheard = context.nodes().find((node) => node.name === name);
    if (!unheard) throw unknownNode(name);
    return unheardView(unheard);
  }

  async function tell(type: string, node: string, data: Record<string, unknown>): Promise<void> {
    await store.writeEvents([{ at: now(), tenant: null, type, function: null, node, data }]);
  }
}

function unknownNode(name: string): PlatformError {
  return new PlatformError('not_found', `There is no node ${name}.`, { hint: 'GET /v1/nodes lists them.' });
}

const same = (view: NodeView): NodeView => view;
