import { z } from 'zod';
import { PlatformError } from '../error/platform-error';
import { nameSchema, problemsOf } from '../function/manifest';
import { checkedBy } from '../function/quantity-schema';
import { revisionNumber } from '../function/revision-number';
import { policyOf } from '../warming/policies/policy-of';

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
      steps: z
        .array(z.number().int().min(1).max(99))
        .min(1)
        .describe('percent of traffic, rising; 100 follows by itself'),
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
    node: nameSchema.optional().describe('default: the first node that may hold it'),
    instance: z
      .string()
      .optional()
      .describe('an instance held ready for this; default: a new one is started and warmed up'),
    reason: z.string().default('by hand'),
  }),
]);
export type CheckpointLifecycleInput = z.input<typeof checkpointLifecycleInput>;

/** `{}` decides for all functions; `{"policy":"fixed:10m","dryRun":true}` shows what another policy would hold. */
export const warmPoolsInput = z.strictObject({
  tenant: nameSchema.optional(),
  functions: z.array(nameSchema).optional(),
  policy: z
    .string()
    .superRefine(checkedBy(policyOf))
    .optional()
    .describe('default: warming.policy of the configuration'),
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
