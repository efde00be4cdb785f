import { z } from 'zod';
import { durationSchema } from '../function/quantity-schema';
import { parseDuration } from '../function/quantity';
import { placementWeightsSchema } from '../placement/placement-prices';
import { definedFields } from '../settings/defined-fields';
import type { PlacementSettings } from './placement-settings';

/** `spec` of a PlacementPolicy object: what counts instead of the section `placement` of the configuration. */
export const placementPolicySpecSchema = z.strictObject({
  enabled: z.boolean().optional().describe('false: the schedule moves nothing'),
  weights: placementWeightsSchema.partial().optional().describe('factors of the five terms of cost'),
  threshold: z.number().min(0).max(10).optional().describe('share of what a function costs that its move must save'),
  leastSaving: z.number().min(0).optional().describe('micro-dollars an hour that a move must save in any case'),
  rest: durationSchema.optional().describe('for so long after a move a function stays where it is'),
  restFactor: z.number().min(1).optional().describe('unless another move saves so many times what is asked otherwise'),
  maxMoves: z.number().int().min(1).max(1000).optional().describe('functions that one plan moves at most'),
  atOnce: z.number().int().min(1).max(50).optional().describe('functions that move at the same time at most'),
});

export type PlacementPolicySpec = z.infer<typeof placementPolicySpecSchema>;

/** The settings under a policy: what it does not say stays as configured. */
export function underPolicy(settings: PlacementSettings, policy: PlacementPolicySpec): PlacementSettings {
  const { weights, rest, ...plain } = policy;
  return {
    ...settings,
    ...definedFields(plain),
    ...(rest === undefined ? {} : { rest: parseDuration(rest) }),
    weights: { ...settings.weights, ...definedFields(weights ?? {}) },
  };
}
