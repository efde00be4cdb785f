import { z } from 'zod';
import { adviceIdSchema, STRATEGIES } from '../cost/advice/strategies';
import { PlatformError } from '../error/platform-error';
import { nameSchema, problemsOf } from '../function/manifest';
import { nodeNameSchema } from '../node/node-name';
import { numberWithin, timeText, wholeNumber } from '../function/number-schema';
import { parseDuration } from '../function/quantity';
import { checkedBy } from '../function/quantity-schema';
import { placementWeightsSchema } from '../placement/placement-prices';
import { revisionNumber } from '../function/revision-number';
import { policyNameSchema } from '../warming/policies/policy-name-schema';
import { MIGRATION_REASONS } from './migration-state';

const tenant = nameSchema.default('default');
const revision = revisionNumber.optional().describe('default: the newest');

/** `{"function":"hello-node"}` deploys the newest revision; `{"function":"hello-node","revision":3}` an older one. */
export const deployFunctionInput = z.strictObject({
  tenant,
  function: nameSchema,
  revision,
  alias: nameSchema.default('live'),
  canary: z
    .strictObject({
      steps: z.array(wholeNumber(1, 99)).min(1).describe('percent of traffic, rising; 100 follows by itself'),
      holdSeconds: z.number().int().min(1).max(86_400).default(60),
      maxErrorShare: z.number().min(0).max(1).default(0.01),
    })
    .optional(),
  deploymentId: z.string().optional().describe('the deployment to report to; made when it is left out'),
});
export type DeployFunctionInput = z.input<typeof deployFunctionInput>;

/** `{"function":"hello-node"}` makes a new checkpoint of its newest revision; `{"retention":true}` cleans up and renews. */
export const checkpointLifecycleInput = z.union([
  z.strictObject({ retention: z.literal(true) }),
  z.strictObject({
    retention: z.literal(false).optional(),
    tenant,
    function: nameSchema,
    revision,
    node: nodeNameSchema.optional().describe('default: the first node that may hold it'),
    instance: z
      .string()
      .optional()
      .describe('an instance held ready for this; default: a new one is started and warmed up'),
    reason: z.string().default('by hand'),
  }),
]);
export type CheckpointLifecycleInput = z.input<typeof checkpointLifecycleInput>;

/** `{"function":"checkout","to":"edge-1"}` moves a function to a node, from the one that has most of its traffic. */
export const migrateFunctionInput = z.strictObject({
  tenant,
  function: nameSchema,
  from: nodeNameSchema.optional().describe('default: the node of its placement with the most traffic'),
  to: nodeNameSchema,
  reason: z.enum(MIGRATION_REASONS).default('person'),
  approval: z.boolean().default(false).describe('true: waits for the signal approve before traffic moves'),
  steps: z
    .array(wholeNumber(1, 99))
    .max(20)
    .default([5, 25, 50])
    .describe('percent of traffic on the target, rising; 100 follows by itself'),
  holdSeconds: numberWithin(0, 3_600).default(1).describe('how long each step is watched'),
  drainSeconds: z
    .number()
    .min(0)
    .max(3_600)
    .default(60)
    .describe('how long the end of requests in flight is waited for'),
  migrationId: z.string().max(100).optional().describe('the migration to report to; made when it is left out'),
});
export type MigrateFunctionInput = z.input<typeof migrateFunctionInput>;

/** `{"tenant":"acme","function":"checkout","add":"edge-1"}` has it on one node more; `remove` on one less. */
export const changeReplicasInput = z
  .strictObject({
    tenant,
    function: nameSchema,
    add: nodeNameSchema.optional().describe('a node that holds it from then on too'),
    remove: nodeNameSchema.optional().describe('a node that holds it no longer'),
    drainSeconds: z
      .number()
      .min(0)
      .max(3_600)
      .default(60)
      .describe('how long the end of requests in flight is waited for'),
  })
  .refine(
    ({ add, remove }) => (add === undefined) !== (remove === undefined),
    'name either the node to add or to remove',
  );
export type ChangeReplicasInput = z.input<typeof changeReplicasInput>;

/** `{}` plans and moves; `{"dryRun":true}` gives the plan with its costs and the reason for each move, and moves nothing. */
export const optimizePlacementInput = z.strictObject({
  tenant: nameSchema.optional().describe('only its functions move; default: all'),
  dryRun: z.boolean().default(false),
  maxMoves: wholeNumber(1, 1000).optional().describe('default: placement.maxMoves of the configuration'),
  threshold: numberWithin(0, 10)
    .optional()
    .describe('share of what a function costs that its move must save; default: placement.threshold'),
  weights: placementWeightsSchema.partial().optional().describe('default: placement.weights'),
  seed: z.number().int().min(0).max(4_294_967_295).optional(),
  reason: z.string().max(200).default('by hand'),
  planId: z.string().max(100).optional().describe('under which the plan is kept; made when it is left out'),
});
export type OptimizePlacementInput = z.input<typeof optimizePlacementInput>;

/** What the deployment of a revision is called: one runs at a time. */
export function deployWorkflowId(tenantName: string, functionName: string, number: number): string {
  return `deploy/${tenantName}/${functionName}/${number}`;
}

/** What the making of a revision's checkpoint is called: one runs at a time. */
export function checkpointWorkflowId(tenantName: string, functionName: string, number: number): string {
  return `checkpoint/${tenantName}/${functionName}/${number}`;
}

/** What a migration is called: one runs of a function at a time. */
export function migrateWorkflowId(tenantName: string, functionName: string): string {
  return `migrate/${tenantName}/${functionName}`;
}

/** `{}` decides for all functions; `{"policy":"fixed:10m","dryRun":true}` shows what another policy would hold. */
export const warmPoolsInput = z.strictObject({
  tenant: nameSchema.optional(),
  functions: z.array(nameSchema).optional(),
  policy: policyNameSchema.optional().describe('default: warming.policy of the configuration'),
  dryRun: z.boolean().default(false),
});
export type WarmPoolsInput = z.input<typeof warmPoolsInput>;

/**
 * `{}` retrains all functions and the network that they share; `{"tenant":"acme","functions":["pay"]}` one function, with the
 * network as it is.
 */
export const retrainModelsInput = z.strictObject({
  tenant: nameSchema.optional().describe('default: all; `default` where functions are named'),
  functions: z.array(nameSchema).min(1).max(1_000).optional().describe('default: all that had requests'),
  force: z.boolean().default(false).describe('also those whose past has not changed since their last training'),
  network: z
    .enum(['train', 'keep'])
    .optional()
    .describe('default: train it when all functions are trained, or while there is none'),
  days: z.number().int().min(2).max(31).default(14).describe('days of the past to train on, where there are as many'),
  reason: z.string().max(200).default('by hand'),
});
export type RetrainModelsInput = z.input<typeof retrainModelsInput>;

/** `{}` looks after the budgets of all tenants; `{"tenant":"acme","dryRun":true}` shows what would become of one tenant's, and changes nothing. */
export const enforceBudgetInput = z.strictObject({
  tenant: nameSchema.optional().describe('default: all that have budgets'),
  budget: nameSchema.optional().describe('one of the tenant; default: all'),
  dryRun: z.boolean().default(false),
});
export type EnforceBudgetInput = z.input<typeof enforceBudgetInput>;

/** What a budget is to tell its webhook of: made by `enforceBudget`. */
export const deliverAlertInput = z.strictObject({
  budgetId: z.string().min(1).max(100),
  tenant: nameSchema,
  budget: nameSchema,
  percent: z.number().int().min(1).max(100),
  periodStart: z.iso.datetime(),
  message: z.record(z.string(), z.unknown()).describe('the body, as it is sent and signed'),
});
export type DeliverAlertInput = z.input<typeof deliverAlertInput>;

/** What the looking after a tenant's budgets, asked for by a gateway, is called: one runs at a time. */
export function enforceWorkflowId(tenantName: string): string {
  return `enforce-budget/${tenantName}`;
}

/** What the delivery of an alert is called. @param periodStart RFC 3339 */
export function alertWorkflowId(tenantName: string, budget: string, periodStart: string, percent: number): string {
  return `budget-alert/${tenantName}/${budget}/${periodStart}/${percent}`;
}

/** `{}` shows what the policies on trial had cost in the last hour; `{"window":"24h","policies":["presage","fixed:10m"]}` compares any. */
export const judgePoliciesInput = z.strictObject({
  tenant: nameSchema.optional(),
  functions: z.array(nameSchema).min(1).max(1_000).optional().describe('default: all'),
  policies: z.array(policyNameSchema).min(1).max(8).optional().describe('default: those on trial'),
  window: z.string().superRefine(checkedBy(windowMs)).default('1h').describe('how long, up to its end; 1m to 7d'),
  until: timeText.optional().describe('its end; default: the minute in which this begins'),
  apply: z
    .boolean()
    .default(false)
    .describe('true: the verdict is carried out: a challenger takes over, a loser goes back'),
});
export type JudgePoliciesInput = z.input<typeof judgePoliciesInput>;

/** `{}` brings what is charged into the ledger; `{"check":true}` compares the ledger with the records of the last hours. */
export const keepLedgerInput = z.strictObject({
  check: z.boolean().default(false),
  tenant: nameSchema.optional().describe('of a check: default: all'),
  window: z.string().superRefine(checkedBy(windowMs)).default('2h').describe('how long, up to its end; 1m to 7d'),
  until: timeText.optional().describe('its end; default: the minute in which this begins'),
});
export type KeepLedgerInput = z.input<typeof keepLedgerInput>;

/** `{"node":"edge-1"}` moves every function away from a node and ends what is left there. */
export const drainNodeInput = z.strictObject({
  node: nodeNameSchema,
  reason: z
    .enum(['drain', 'node-lost'])
    .default('drain')
    .describe('node-lost: nobody answers there; only the functions are moved'),
  why: z.string().max(200).optional().describe('for people'),
});
export type DrainNodeInput = z.input<typeof drainNodeInput>;

/** `{}` looks for savings in the last day and keeps what it finds; `{"dryRun":true}` only tells. */
export const adviseCostsInput = z.strictObject({
  tenant: nameSchema.optional().describe('only what concerns its functions; default: everything'),
  strategies: z.array(z.enum(STRATEGIES)).min(1).optional().describe('default: all'),
  window: z.string().superRefine(checkedBy(windowMs)).default('24h').describe('what is looked at, up to now; 1m to 7d'),
  policies: z
    .array(policyNameSchema)
    .max(8)
    .default(['presage', 'hybrid-histogram:4h', 'fixed:10m', 'fixed:2m'])
    .describe('replayed beside the one in force'),
  dryRun: z.boolean().default(false),
});
export type AdviseCostsInput = z.input<typeof adviseCostsInput>;

/** `{"id":"3f2a…"}` carries a recommendation out, looks at what came of it after a window, and takes it back where it lost. */
export const applyAdviceInput = z.strictObject({
  id: adviceIdSchema,
  by: z.string().max(200).default('by hand').describe('who wants it; `policy`: cost.autoApply'),
  window: z
    .string()
    .superRefine(checkedBy(windowMs))
    .default('1h')
    .describe('after which it is judged; with too few calls to tell, so long again, three times at most'),
  undo: z.boolean().default(false).describe('true: one that was kept is taken back'),
});
export type ApplyAdviceInput = z.input<typeof applyAdviceInput>;

/** What the application of a recommendation is called: one runs at a time. */
export function applyAdviceWorkflowId(id: string): string {
  return `apply-advice/${id}`;
}

const [SHORTEST_WINDOW_MS, LONGEST_WINDOW_MS] = [60_000, 7 * 86_400_000];

/** The length of a window in milliseconds. @throws PlatformError invalid_argument */
export function windowMs(text: string): number {
  const ms = parseDuration(text);
  if (ms >= SHORTEST_WINDOW_MS && ms <= LONGEST_WINDOW_MS) return ms;
  throw new PlatformError('invalid_argument', `"${text}" is no window: choose from 1m to 7d, such as 24h`);
}

/** Checks a workflow's argument. @throws PlatformError invalid_argument with every problem at once */
export function parseWorkflowInput<S extends z.ZodType>(workflow: string, schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const problems = problemsOf(result.error);
  const lines = problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ');
  throw new PlatformError('invalid_argument', `The input of ${workflow} has ${problems.length} problem(s): ${lines}`, {
    problems,
  });
}
