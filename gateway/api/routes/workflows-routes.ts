import { z } from 'zod';
import { scheduleUrl, workflowUrl } from '../../../core/control/workflow-link';
import { type ApiApp } from '../api-app';
import type { ApiContext, ListedSchedule, ListedWorkflow } from '../api-context';
import { answers, instant, KEYED, tenantQuery } from '../api-schemas';
import { requireOperator } from '../require-operator';

const url = z.string().nullable().describe('where Temporal’s UI shows it; null: no UI is known');
const workflowSchema = z
  .object({
    workflowId: z.string(),
    runId: z.string(),
    type: z.string().meta({ example: 'migrateFunction' }),
    state: z.enum(['running', 'done', 'failed']).describe('failed: any end but a good one'),
    startedAt: instant,
    endedAt: instant.nullable(),
    url,
  })
  .meta({ id: 'Workflow' });
const scheduleSchema = z
  .object({
    scheduleId: z.string(),
    type: z.string().nullable().describe('of the workflow that it starts'),
    note: z.string().nullable().describe('what for'),
    paused: z.boolean(),
    lastAt: instant.nullable(),
    nextAt: instant.nullable(),
    url,
  })
  .meta({ id: 'WorkflowSchedule' });
const listSchema = z.object({
  items: z.array(workflowSchema).describe('the newest first'),
  schedules: z.array(scheduleSchema),
});

export type WorkflowsView = z.output<typeof listSchema>;

/** What the platform runs by itself: for platform operators, since ids speak of all tenants. */
export function workflowsRoutes(app: ApiApp, { workflows, temporalUi }: ApiContext): void {
  app.get(
    '/v1/workflows',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'listWorkflows',
        tags: ['workflows'],
        summary: 'The newest durable workflows, and what starts by itself; for platform operators',
        querystring: tenantQuery.extend({
          running: z.stringbool().default(false).describe('true: only those that run'),
          type: z
            .string()
            .regex(/^\w{1,100}$/, 'must be the name of a workflow, such as migrateFunction')
            .optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        response: answers({ 200: listSchema }, ...KEYED),
      },
    },
    async (request) => {
      requireOperator(request, 'Workflows are looked at');
      const { running, type, limit } = request.query;
      const [items, schedules] = await Promise.all([workflows.list({ running, type, limit }), workflows.schedules()]);
      return { items: items.map(workflowView), schedules: schedules.map(scheduleView) };
    },
  );

  function workflowView({ startedAt, endedAt, ...run }: ListedWorkflow): z.output<typeof workflowSchema> {
    return {
      ...run,
      startedAt: startedAt.toISOString(),
      endedAt: endedAt?.toISOString() ?? null,
      url: temporalUi === null ? null : workflowUrl(temporalUi, run.workflowId),
    };
  }

  function scheduleView({ lastAt, nextAt, ...schedule }: ListedSchedule): z.output<typeof scheduleSchema> {
    return {
      ...schedule,
      lastAt: lastAt?.toISOString() ?? null,
      nextAt: nextAt?.toISOString() ?? null,
      url: temporalUi === null ? null : scheduleUrl(temporalUi, schedule.scheduleId),
    };
  }
}
