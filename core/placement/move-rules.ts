import { z } from 'zod';

/** When a better placement is worth a move. */
export const moveRulesSchema = z.strictObject({
  leastSaving: z.number().min(0).describe('micro-dollars an hour that a move must save, its own cost taken off'),
  leastShare: z.number().min(0).describe('share (0-1) of what the function costs now that a move must save'),
  restSeconds: z.number().min(0).describe('for so long after a move a function stays where it is'),
  restFactor: z.number().min(1).describe('unless it saves so many times what is asked otherwise'),
  most: z.number().int().min(1).max(1000).describe('moves of one plan at most'),
});
export type MoveRules = z.infer<typeof moveRulesSchema>;

/** A cent an hour and a fiftieth of the function's cost; half an hour of rest. */
export const DEFAULT_MOVE_RULES: MoveRules = {
  leastSaving: 10_000,
  leastShare: 0.02,
  restSeconds: 1_800,
  restFactor: 5,
  most: 10,
};
