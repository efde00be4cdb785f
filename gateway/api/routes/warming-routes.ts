import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import { policyNameSchema } from '../../../core/warming/policies/policy-name-schema';
import { challenge, initialTrial, putLive, type PolicyTrial } from '../../../core/warming/policy-trial';
import type { PolicyVerdictRecord } from '../../../drivers/store/policy-store';
import { OPERATOR_TENANT } from '../access-guard';
import { callerOf, type ApiApp, type Caller } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, tenantQuery } from '../api-schemas';
import { noteChange } from '../audit/change-note';

const SHOWN_VERDICTS = 20;

const verdictSchema = z.object({
  at: instant,
  from: instant,
  to: instant,
  decision: z.enum(['keep', 'promote', 'revert']),
  reason: z.string(),
  prices: z.array(
    z.object({
      policy: z.string(),
      calls: z.number().int(),
      price: z.number().describe('micro-dollars: of what was held and of what callers waited'),
    }),
  ),
  workflowId: z.string(),
});
const warmingSchema = z
  .object({
    live: z.string().describe('the policy that decides what is kept warm'),
    challenger: z.string().nullable().describe('runs in shadow, and takes over once it wins a window'),
    previous: z.string().nullable().describe('comes back if a window goes against the live one'),
    probation: z.number().int().describe('windows in which that may happen'),
    reverted: z.array(z.string()).describe('policies that a window went against; they win no more by themselves'),
    generation: z.number().int().describe('for `ifGeneration`'),
    verdicts: z.array(verdictSchema).describe('of the last windows, the newest first; shown to platform operators'),
  })
  .meta({ id: 'Warming' });
export type WarmingView = z.output<typeof warmingSchema>;

const changeSchema = z
  .strictObject({
    live: policyNameSchema.optional().describe('put in force at once; the one before is watched on'),
    challenger: policyNameSchema.nullable().optional().describe('null: none'),
    ifGeneration: z.number().int().min(0).optional().describe('only if it is still that one'),
  })
  .refine(({ live, challenger }) => live !== undefined || challenger !== undefined, {
    message: 'nothing is to change: give live, challenger or both',
  })
  .meta({ example: { challenger: 'hybrid-histogram:4h' } });

interface CurrentTrial {
  readonly trial: PolicyTrial;
  readonly generation: number;
}

/** Which policy keeps functions warm, for all tenants of the platform. */
export function warmingRoutes(app: ApiApp, { store, warmingPolicy }: ApiContext): void {
  const current = async (): Promise<CurrentTrial> => {
    const record = await store.policyTrial();
    if (!record) return { trial: initialTrial(warmingPolicy), generation: 0 };
    const { live, challenger, previous, probation, reverted, generation } = record;
    return { trial: { live, challenger, previous, probation, reverted }, generation };
  };
  const view = async ({ trial, generation }: CurrentTrial, caller: Caller): Promise<z.output<typeof warmingSchema>> => {
    const verdicts = caller.operator ? await store.policyVerdicts(SHOWN_VERDICTS) : [];
    return { ...trial, reverted: [...trial.reverted], generation, verdicts: verdicts.map(verdictView) };
  };

  app.get(
    '/v1/warming',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getWarming',
        tags: ['warming'],
        summary: 'Which policy keeps functions warm, who challenges it, and how the last windows were judged',
        querystring: tenantQuery,
        response: answers({ 200: warmingSchema }, ...KEYED),
      },
    },
    async (request) => view(await current(), callerOf(request)),
  );

  app.put(
    '/v1/warming',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'changeWarming',
        tags: ['warming'],
        summary: 'Put a policy in force, or let one challenge it; for platform operators',
        querystring: tenantQuery,
        body: changeSchema,
        response: answers({ 200: warmingSchema }, ...KEYED, 412),
      },
    },
    async (request) => {
      const caller = callerOf(request);
      if (!caller.operator) {
        throw new PlatformError(
          'forbidden',
          `One policy serves all tenants: platform operators choose it, with admin keys of the tenant ${OPERATOR_TENANT}.`,
        );
      }
      const { live, challenger, ifGeneration } = request.body;
      const before = await current();
      let { trial } = before;
      if (live !== undefined) trial = putLive(trial, live);
      if (challenger !== undefined) trial = challenge(trial, challenger);
      const { generation } = await store.setPolicyTrial(trial, ifGeneration ?? before.generation);
      const after = { trial, generation };
      noteChange(request, { before, after });
      return view(after, caller);
    },
  );
}

function verdictView(verdict: PolicyVerdictRecord): z.output<typeof verdictSchema> {
  const { at, from, to, decision, reason, prices, workflowId } = verdict;
  const [shownAt, shownFrom, shownTo] = [at, from, to].map((moment) => moment.toISOString()) as [
    string,
    string,
    string,
  ];
  return { at: shownAt, from: shownFrom, to: shownTo, decision, reason, prices: [...prices], workflowId };
}
