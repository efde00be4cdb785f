import { z } from 'zod';
import { CONFIDENCES } from '../../../core/cost/advice/advice';
import { adviceChangeSchema, describeChange, describeUndo } from '../../../core/cost/advice/advice-change';
import { adviceIdSchema, STRATEGIES } from '../../../core/cost/advice/strategies';
import { ADVICE_STATES, type AdviceRecord } from '../../../drivers/store/advice-store';
import { instant } from '../api-schemas';

export const adviceSchema = z
  .object({
    id: adviceIdSchema,
    strategy: z.enum(STRATEGIES),
    tenant: z.string().nullable().describe('null: it concerns the whole platform'),
    function: z.string().nullable(),
    title: z.string(),
    evidence: z.array(
      z.object({
        name: z.string(),
        value: z.union([z.number(), z.string()]),
        unit: z.string().nullable(),
      }),
    ),
    monthlySaving: z.number().describe('micro-dollars in 30 days'),
    monthlySavingPico: z.string().describe('the same in picodollars, exactly, as decimal text'),
    confidence: z.enum(CONFIDENCES),
    change: adviceChangeSchema.describe('what applying it changes, exactly'),
    does: z.string().describe('the change in words'),
    undo: z.string().describe('how it is taken back'),
    state: z.enum(ADVICE_STATES),
    reason: z.string().nullable().describe('why it is in this state'),
    foundAt: instant,
    appliedBy: z.string().nullable().describe('a key’s id, or `policy` for cost.autoApply'),
    appliedAt: instant.nullable(),
    decidedAt: instant.nullable(),
    workflowId: z.string().nullable(),
  })
  .meta({ id: 'CostRecommendation' });

export type AdviceView = z.output<typeof adviceSchema>;

export function adviceView({
  monthlySaving,
  foundAt,
  appliedAt,
  decidedAt,
  evidence,
  ...advice
}: AdviceRecord): AdviceView {
  return {
    ...advice,
    evidence: evidence.map((item) => ({ ...item })),
    monthlySaving: Number(monthlySaving / 1_000n) / 1e3,
    monthlySavingPico: String(monthlySaving),
    does: describeChange(advice.change),
    undo: describeUndo(advice.change),
    foundAt: foundAt.toISOString(),
    appliedAt: appliedAt?.toISOString() ?? null,
    decidedAt: decidedAt?.toISOString() ?? null,
  };
}
