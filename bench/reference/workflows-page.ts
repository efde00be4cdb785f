import { z } from 'zod';
import * as inputs from '../../core/control/workflow-inputs';
import { markdownTable } from './markdown-table';
import { schemaRows, type JsonSchema } from './schema-rows';

interface DocumentedWorkflow {
  readonly schema: z.ZodType;
  readonly what: string;
  readonly started: string;
  readonly examples: readonly string[];
}

/** Every workflow that a person or a schedule may start. A test holds the list against the exports of workflows/. */
export const WORKFLOWS: Readonly<Record<string, DocumentedWorkflow>> = {
  adviseCosts: {
    schema: inputs.adviseCostsInput,
    what: 'looks for savings and keeps what it finds',
    started: 'every six hours, `presage cost recommend --refresh`',
    examples: ['{}', '{"dryRun":true}'],
  },
  applyAdvice: {
    schema: inputs.applyAdviceInput,
    what: 'carries a recommendation out, judges it after a window, and takes it back where it lost',
    started: '`presage cost apply`, `cost.autoApply`',
    examples: ['{"id":"3f2a90c1d4e5"}'],
  },
  changeReplicas: {
    schema: inputs.changeReplicasInput,
    what: 'has a function on one node more, or on one less',
    started: 'plans of placement',
    examples: ['{"function":"checkout","add":"edge-1"}'],
  },
  checkpointLifecycle: {
    schema: inputs.checkpointLifecycleInput,
    what: 'makes a checkpoint and verifies it by a restore; or drops and renews checkpoints',
    started: 'deploys, first requests, hourly with `{"retention":true}`',
    examples: ['{"function":"hello-node"}', '{"retention":true}'],
  },
  deliverAlert: {
    schema: inputs.deliverAlertInput,
    what: 'brings an alert of a budget to its webhook',
    started: '`enforceBudget`; not by hand',
    examples: [],
  },
  deployFunction: {
    schema: inputs.deployFunctionInput,
    what: 'brings a revision into service, or puts everything back',
    started: 'deploys',
    examples: [
      '{"function":"hello-node"}',
      '{"function":"hello-node","revision":2,"canary":{"steps":[10,50],"holdSeconds":60}}',
    ],
  },
  drainNode: {
    schema: inputs.drainNodeInput,
    what: 'moves every function away from a node and ends what is left there',
    started: '`presage node drain`, the loss of a node, Kubernetes',
    examples: ['{"node":"edge-1"}'],
  },
  enforceBudget: {
    schema: inputs.enforceBudgetInput,
    what: 'decides what budgets come to, and does it',
    started: 'each minute',
    examples: ['{}', '{"tenant":"acme","dryRun":true}'],
  },
  judgePolicies: {
    schema: inputs.judgePoliciesInput,
    what: 'replays recorded calls under policies; with `apply` it promotes or reverts',
    started: 'hourly, `presage court`',
    examples: ['{}', '{"window":"24h","policies":["presage","fixed:10m"]}'],
  },
  keepLedger: {
    schema: inputs.keepLedgerInput,
    what: 'brings charges into the ledger, or checks it',
    started: 'each minute; hourly to check; `presage cost check`',
    examples: ['{}', '{"check":true,"window":"24h"}'],
  },
  migrateFunction: {
    schema: inputs.migrateFunctionInput,
    what: 'moves a function to another node without a failed request',
    started: '`presage migrate`, drains, plans of placement',
    examples: ['{"function":"checkout","to":"edge-1"}'],
  },
  optimizePlacement: {
    schema: inputs.optimizePlacementInput,
    what: 'plans where functions sit, and moves them',
    started: 'each `placement.interval`, `presage placement plan`',
    examples: ['{}', '{"dryRun":true}'],
  },
  retrainModels: {
    schema: inputs.retrainModelsInput,
    what: 'trains forecast models, and deploys those that pass',
    started: 'hourly, `presage forecast retrain`, drift',
    examples: ['{}', '{"tenant":"default","functions":["hello-node"],"force":true}'],
  },
  warmPools: {
    schema: inputs.warmPoolsInput,
    what: 'decides what is held warm, and tells the agents',
    started: 'each minute',
    examples: ['{}', '{"policy":"fixed:10m","dryRun":true}'],
  },
};

/** docs/reference/workflows.md. */
export function workflowsPage(): string {
  const sections = Object.entries(WORKFLOWS).map(([name, { schema, what, started, examples }]) => {
    const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema;
    const forms = (json.anyOf ?? [json]).map(formOf);
    const typed = examples.map((example) => `\`${example}\``).join(' · ');
    return [
      `## ${name}`,
      `It ${what}. Started by: ${started}.${typed === '' ? '' : ` Input: ${typed}`}`,
      forms.join('\n\nor\n\n'),
    ].join('\n\n');
  });
  return [
    '# Workflows',
    'Start one from the Temporal UI (_Start Workflow_, task queue `presage-control`) or with `temporal workflow start --task-queue presage-control --type TYPE --workflow-id ID --input JSON`. The input is one JSON object; a wrong one is refused with all problems at once. Search by `FunctionName`, `TenantId`, `NodeName`; current details show the step.',
    ...sections,
  ].join('\n\n');
}

function formOf(schema: JsonSchema): string {
  return markdownTable(
    ['field', 'type', 'default', ''],
    schemaRows(schema).map(({ path, type, required, fallback, description }) => [
      `\`${path}\``,
      type,
      fallback === undefined ? (required ? 'needed' : '') : `\`${fallback}\``,
      description,
    ]),
  );
}
